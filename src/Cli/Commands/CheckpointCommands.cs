using System.CommandLine;
using Factory.Cli.Output;
using Factory.Contracts;
using Factory.Contracts.Api;
using Spectre.Console;

namespace Factory.Cli.Commands;

/// <summary><c>factory checkpoint ...</c></summary>
internal static class CheckpointCommands
{
    private static readonly Argument<string> Reference = new("CHECKPOINT") { Description = "Name, digest, or at least 6 digits of it." };

    public static Command Create() => new("checkpoint", "Checkpoints: weights with their architecture, categories and preprocessing.") { List(), Show(), Import(), Export() };

    private static Command List()
    {
        Command command = new("list", "List checkpoints.");
        command.Does(work: false, async (_, session, cancellationToken) =>
        {
            Table table = Tables.Create("name", "kind", "architecture", "size", "bytes", "digest");
            foreach (CheckpointDetail checkpoint in await session.Client.GetAsync<List<CheckpointDetail>>(Routes.Checkpoints, cancellationToken))
            {
                table.AddTextRow(checkpoint.Name, checkpoint.Kind, checkpoint.Architecture, $"{checkpoint.Size} px", $"{checkpoint.Object.Bytes}", checkpoint.Object.Digest.Short);
            }
            Tables.Print(table, "no checkpoints yet: a training step makes one, or factory checkpoint import FILE");
            return 0;
        });
        return command;
    }

    private static Command Show()
    {
        Command command = new("show", "Show a checkpoint.") { Reference };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            CheckpointDetail checkpoint = await FindAsync(session.Client, arguments.GetValue(Reference)!, cancellationToken);
            Console.WriteLine($"{checkpoint.Name}: {checkpoint.Kind} {checkpoint.Architecture}, {checkpoint.Size} px");
            Console.WriteLine($"categories: {checkpoint.Categories}");
            Console.WriteLine($"digest: {checkpoint.Object.Digest} ({checkpoint.Object.Bytes} bytes)");
            if (checkpoint.Classifier is { } classifier) Console.WriteLine($"trained on CAMs of classifier {classifier}");
            Console.WriteLine(checkpoint.RunId is { } run ? $"made by run {run}, step {checkpoint.Step}" : "imported");
            return 0;
        });
        return command;
    }

    private static Command Import()
    {
        Argument<string> file = new("FILE") { Description = "A safetensors file written by this factory or another one." };
        Option<string> name = new("--name") { Description = "Name to call it by.", Required = true };
        Command command = new("import", "Register a checkpoint from a file.") { file, name };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            string path = arguments.GetValue(file)!;
            if (!File.Exists(path)) throw new CliException($"there is no file {path}.");
            byte[] content = await File.ReadAllBytesAsync(path, cancellationToken);
            NewCheckpoint described = CheckpointFile.Describe(arguments.GetValue(name)!, path, content);
            await session.Client.UploadAsync(content, MediaTypes.SafeTensors, cancellationToken);
            CheckpointDetail registered = await session.Client.PostAsync<CheckpointDetail>(Routes.Checkpoints, described, cancellationToken);
            Console.WriteLine($"{registered.Name}: {registered.Kind} {registered.Architecture}, {registered.Object.Digest}");
            return 0;
        });
        return command;
    }

    private static Command Export()
    {
        Argument<string> file = new("FILE") { Description = "The safetensors file to write." };
        Command command = new("export", "Write a checkpoint to a safetensors file.") { Reference, file };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            CheckpointDetail checkpoint = await FindAsync(session.Client, arguments.GetValue(Reference)!, cancellationToken);
            Console.WriteLine(await RunFiles.WriteAsync(session.Client, checkpoint.Object, arguments.GetValue(file)!, cancellationToken));
            return 0;
        });
        return command;
    }

    private static Task<CheckpointDetail> FindAsync(FactoryClient client, string reference, CancellationToken cancellationToken) =>
        client.GetAsync<CheckpointDetail>(Routes.Checkpoint.Replace("{reference}", Uri.EscapeDataString(reference), StringComparison.Ordinal), cancellationToken);
}
