using System.CommandLine;
using Factory.Cli.Output;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Published;
using Spectre.Console;

namespace Factory.Cli.Commands;

/// <summary><c>factory checkpoint ...</c></summary>
internal static class CheckpointCommands
{
    private static readonly Argument<string> Reference = new("CHECKPOINT") { Description = "Name, digest, or at least 6 digits of it." };

    public static Command Create() => new("checkpoint", "Checkpoints: weights with their architecture, categories and preprocessing.") { Shared.Project, List(), Show(), CheckpointImportCommand.Create(), Export() };

    private static Command List()
    {
        Command command = new("list", "List checkpoints.");
        command.Does(work: false, async (_, session, cancellationToken) =>
        {
            Table table = Tables.Create("project", "name", "kind", "architecture", "size", "bytes", "digest");
            foreach (CheckpointDetail checkpoint in await session.Client.GetAsync<List<CheckpointDetail>>(Routes.Checkpoints, cancellationToken))
            {
                table.AddTextRow(checkpoint.Project, checkpoint.Name, checkpoint.Kind, checkpoint.Architecture, $"{checkpoint.Size} px", $"{checkpoint.Object.Bytes}", checkpoint.Object.Digest.Short);
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
            if (checkpoint.Lesions is { } lesions) Console.WriteLine($"trained on lesion maps of {lesions}");
            if (checkpoint.Classifier is { } classifier) Console.WriteLine($"trained on CAMs of classifier {classifier}");
            if (checkpoint.RunId is { } run) Console.WriteLine($"made by run {run}, step {checkpoint.Step}");
            else await PrintOriginAsync(session.Client, checkpoint, cancellationToken);
            return 0;
        });
        return command;
    }

    private static Command Export()
    {
        Argument<string> file = new("FILE") { Description = "The safetensors file to write. A generator's discriminator goes to FILE's name ending in .discriminator.safetensors." };
        Option<bool> whole = new("--whole") { Description = "Write one file as it is registered, to the byte, for another factory." };
        Command command = new("export", "Write a checkpoint to safetensors files with the published keys.") { Reference, file, whole };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            CheckpointDetail checkpoint = await FindAsync(session.Client, arguments.GetValue(Reference)!, cancellationToken);
            string path = arguments.GetValue(file)!;
            List<string> written = arguments.GetValue(whole)
                ? [await RunFiles.WriteAsync(session.Client, checkpoint.Object, path, cancellationToken)]
                : await CheckpointExport.WriteAsync(session.Client, checkpoint, path, cancellationToken);
            foreach (string line in written) Console.WriteLine(line);
            return 0;
        });
        return command;
    }

    // The file's own header says it; only that is read.
    private static async Task PrintOriginAsync(FactoryClient client, CheckpointDetail checkpoint, CancellationToken cancellationToken)
    {
        await using Stream content = await client.OpenAsync(checkpoint.Object.Digest, cancellationToken);
        if (CheckpointOrigin.Of(SafeTensors.ReadMetadata(content, checkpoint.Object.Bytes)) is not { } origin)
        {
            Console.WriteLine("imported");
            return;
        }
        Console.WriteLine($"imported from {origin.Format}, sha256 {origin.Sha256}");
        if (origin.Discriminator is { } discriminator) Console.WriteLine($"  with its discriminator, sha256 {discriminator}");
        foreach (string change in origin.Changes) Console.WriteLine($"  {change}");
    }

    /// <summary>The checkpoint of that name, digest or prefix.</summary>
    public static Task<CheckpointDetail> FindAsync(FactoryClient client, string reference, CancellationToken cancellationToken) =>
        client.GetAsync<CheckpointDetail>(Routes.Checkpoint.Replace("{reference}", Uri.EscapeDataString(reference), StringComparison.Ordinal), cancellationToken);
}
