using System.CommandLine;
using System.Text;
using System.Text.Json;
using Factory.Cli.Output;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Work;

namespace Factory.Cli.Commands;

/// <summary><c>factory run predictions</c>: what each model of an evaluation said of each image or pair.</summary>
internal static class RunPredictionsCommand
{
    public static Command Create(Argument<int> id)
    {
        Argument<string> step = new("STEP") { Description = "The run's Evaluate step." };
        Option<string> output = new("--output", "-o") { Description = "The CSV file to write.", Required = true };
        Command command = new("predictions", "Write what each model of an evaluation said of each image, or pair, to a CSV file. Images are named by the SHA-256 of their source files.") { id, step, output };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            RunSnapshot snapshot = await session.Client.GetAsync<RunSnapshot>(RunCommands.RunPath(Routes.Run, arguments.GetValue(id)), cancellationToken);
            (List<ModelPrediction> predictions, IReadOnlyList<string> categories) = await ReadAsync(session.Client, snapshot, arguments.GetValue(step)!, cancellationToken);
            string csv = PredictionTable.Create(predictions, categories);
            Console.WriteLine(await RunFiles.WriteAsync(Encoding.UTF8.GetBytes(csv), arguments.GetValue(output)!, cancellationToken));
            return 0;
        });
        return command;
    }

    private static async Task<(List<ModelPrediction> Predictions, IReadOnlyList<string> Categories)> ReadAsync(
        FactoryClient client, RunSnapshot snapshot, string name, CancellationToken cancellationToken)
    {
        string run = $"run {snapshot.Run.Id}";
        IEnumerable<StepSnapshot> evaluations = snapshot.Steps.Where(other => other.Kind == "Evaluate");
        string known = evaluations.Any() ? $"its evaluations are {string.Join(", ", evaluations.Select(other => other.Name))}" : "it evaluates nothing";
        StepSnapshot step = snapshot.Steps.FirstOrDefault(candidate => candidate.Name == name) ?? throw new CliException($"{run} has no step '{name}'; {known}.");
        if (step.Kind != "Evaluate") throw new CliException($"step '{name}' of {run} is a {step.Kind}; {known}.");
        if (step.Output is not { Evaluation: { } evaluation } output) throw new CliException($"step '{name}' of {run} is {step.State}; its predictions come when it is completed.");
        if (output.Predictions is not { } predictions) throw new CliException($"step '{name}' of {run} was evaluated by a version that kept no predictions; submit the recipe again.");
        EvaluationReport report = JsonSerializer.Deserialize<EvaluationReport>(await client.DownloadAsync(evaluation, cancellationToken), ContractJson.Options)!;
        return (PredictionTable.Read(await client.DownloadAsync(predictions, cancellationToken)), report.Categories);
    }
}
