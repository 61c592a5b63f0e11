using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Factory.Cli.Hosting;
using Factory.Cli.Import;
using Factory.Cli.Output;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Work;
using Factory.Coordinator.Recipes;
using Factory.Storage.Manifests;
using Factory.Synthesis.Phantoms;
using Spectre.Console;

namespace Factory.Cli.Commands;

/// <summary><c>factory demo</c>: the whole job on phantoms, from a folder of images to a verified corpus and a table. Every part of it is a command of its own.</summary>
internal static class DemoCommand
{
    private const string CollectionName = "phantoms";
    private const string RecipeName = "demo.yaml";

    public static Command Create()
    {
        Option<bool> fresh = new("--fresh") { Description = "Start over: remove what an earlier demo left in the data folder." };
        Command command = new("demo", "See the whole job on phantom eyes: classifier, CAMs, generator, corpus, pre-training, report. A few minutes on two cores.") { fresh };
        command.Does(async (arguments, cancellationToken) =>
        {
            string folder = Path.GetFullPath(Path.Combine(arguments.GetValue(Shared.Data)!, "demo"));
            if (arguments.GetValue(fresh)) Remove(folder);
            await using Session session = await Session.OpenAsync(
                Shared.PlaceOf(arguments) with { Url = null, DataFolder = folder }, work: true, cancellationToken);
            return await RunAsync(session, folder, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(Session session, string folder, CancellationToken cancellationToken)
    {
        string phantoms = Path.Combine(folder, "phantoms");
        Console.WriteLine("1. drawing phantom eyes, since real patients' images cannot be shipped");
        int images = PhantomCollection.Write(phantoms, new() { Subjects = 64, Size = 128 });
        Console.WriteLine($"   {images} images in {phantoms}");
        Console.WriteLine("2. importing them as a collection");
        await ImportAsync(session, phantoms, cancellationToken);
        Console.WriteLine("3. running the recipe");
        string yaml = await Recipe();
        RunSummary run = await FindOrSubmitAsync(session.Client, yaml, cancellationToken);
        if (run.State != RunState.Completed && await RunWatch.FollowAsync(session, run.Id, cancellationToken) is var code and not 0) return code;
        return await CollectAsync(session.Client, run.Id, folder, cancellationToken);
    }

    private static async Task ImportAsync(Session session, string phantoms, CancellationToken cancellationToken)
    {
        using ProgressLine progress = new("   importing", "images", 0);
        CollectionImport import = new(
            session.ImportTarget,
            new() { Path = phantoms, Name = CollectionName, License = "CC0-1.0", Split = new() { Validation = 0.2, Test = 0.25 } });
        ImportOutcome outcome = await import.RunAsync(ImportProgress.None with { Prepared = (done, _) => progress.Report(done) }, cancellationToken);
        CollectionSummary collection = outcome.Registered.Collection;
        Console.WriteLine($"   {collection.Name}@{collection.Version}: {collection.Images} images of {collection.Subjects} subjects{(outcome.Registered.Created ? "" : ", as before")}");
    }

    // A run of this very recipe on this very collection is gone on with, or is done already.
    private static async Task<RunSummary> FindOrSubmitAsync(FactoryClient client, string yaml, CancellationToken cancellationToken)
    {
        Sha256Digest recipe = RecipeDigest.Of(RecipeReader.Read(yaml, RecipeName));
        RecipePlan plan = await client.PostRecipeAsync<RecipePlan>(Routes.RecipePlan, yaml, RecipeName, cancellationToken);
        List<RunSummary> runs = await client.GetAsync<List<RunSummary>>($"{Routes.Runs}?limit=1000", cancellationToken);
        RunSummary? known = runs.FirstOrDefault(run => run.Recipe == recipe && run.Collection == plan.Collection && run.Numerics == plan.Numerics);
        if (known is null) return await client.PostRecipeAsync<RunSummary>(Routes.Runs, yaml, RecipeName, cancellationToken);
        if (known.State is RunState.Faulted or RunState.Canceled) await client.PostAsync(RunCommands.RunPath(Routes.RunRetry, known.Id), null, cancellationToken);
        Console.WriteLine(known.State == RunState.Completed ? $"   run {known.Id} is completed already (--fresh starts over)" : $"   going on with run {known.Id}");
        return known;
    }

    private static async Task<int> CollectAsync(FactoryClient client, int runId, string folder, CancellationToken cancellationToken)
    {
        RunSnapshot snapshot = await client.GetAsync<RunSnapshot>(RunCommands.RunPath(Routes.Run, runId), cancellationToken);
        Console.WriteLine("4. exporting and verifying the corpus");
        string corpus = Path.Combine(folder, "corpus");
        CorpusManifest manifest = await CorpusCommands.ExportAsync(client, snapshot, null, corpus, cancellationToken);
        VerificationReport verified = await CorpusCommands.VerifyAsync(corpus, cancellationToken);
        if (!verified.Ok) throw new CliException($"the corpus in {corpus} does not verify: {verified.Problems[0]}");
        Console.WriteLine($"   verified: {verified.Samples} samples in {verified.Shards} shards, corpus {manifest.Digest}");
        List<string> files = await RunFiles.WriteReportAsync(client, snapshot, folder, cancellationToken);
        await PrintScoresAsync(client, snapshot, cancellationToken);
        Console.WriteLine($"corpus        {corpus}");
        foreach (string file in files) Console.WriteLine($"{Path.GetExtension(file)[1..],-13} {file}");
        Console.WriteLine($"a sample      factory explain KEY --data {folder} (keys are the file names in the shards)");
        return 0;
    }

    private static async Task PrintScoresAsync(FactoryClient client, RunSnapshot snapshot, CancellationToken cancellationToken)
    {
        foreach (StepSnapshot step in snapshot.Steps)
        {
            if (step.Output?.Evaluation is not { } blob) continue;
            EvaluationReport report = JsonSerializer.Deserialize<EvaluationReport>(await client.DownloadAsync(blob, cancellationToken), ContractJson.Options)!;
            Table table = Tables.Create("model", "accuracy", "Sen/Spe F1", "95 % interval", "AUC", "kappa");
            foreach (ModelScores model in report.Models)
            {
                table.AddTextRow(
                    model.Name, Score(model.Accuracy), Score(model.SenSpeF1),
                    model.SenSpeF1Interval is { } interval ? $"{Score(interval[0])} to {Score(interval[1])}" : "", Score(model.Auc), Score(model.Kappa));
            }
            Console.WriteLine($"{report.Images} real {report.Split} images that no model saw in training:");
            Tables.Print(table, "no models");
        }
    }

    private static string Score(double? value) => value is { } score ? score.ToString("0.000", CultureInfo.InvariantCulture) : "–";

    private static async Task<string> Recipe()
    {
        await using Stream stream = typeof(DemoCommand).Assembly.GetManifestResourceStream(RecipeName)!;
        using StreamReader reader = new(stream);
        return await reader.ReadToEndAsync();
    }

    private static void Remove(string folder)
    {
        if (!Directory.Exists(folder)) return;
        if (Directory.EnumerateFileSystemEntries(folder).Any() && !File.Exists(Path.Combine(folder, "factory.db")) && !File.Exists(Path.Combine(folder, "factory.lock")))
        {
            throw new CliException($"{folder} was not made by this demo; it is left as it is.");
        }
        using (DataFolder.Hold(folder))
        {
            // Held for a moment: a factory at work there is not to lose the ground under it.
        }
        Directory.Delete(folder, recursive: true);
    }
}
