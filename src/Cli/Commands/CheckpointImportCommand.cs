using System.CommandLine;
using Factory.Contracts;
using Factory.Contracts.Api;

namespace Factory.Cli.Commands;

/// <summary><c>factory checkpoint import</c>: the factory's own checkpoints as they are, weights that others published after conversion.</summary>
internal static class CheckpointImportCommand
{
    private static readonly Argument<string> File = new("FILE") { Description = "A checkpoint of a factory, or published weights: .safetensors, .pth or .pt (torch.save, TorchScript)." };
    private static readonly Option<string> Name = new("--name") { Description = "Name to call it by.", Required = true };
    private static readonly Option<string?> Categories = new("--categories") { Description = "Of published weights: category names in index order, separated by commas." };
    private static readonly Option<string?> Background = new("--background") { Description = "Of published weights: the healthy category." };
    private static readonly Option<int?> Size = new("--size") { Description = "Of published weights: side in pixels of the images they were trained on. Default: a generator preset's, where it is one." };
    private static readonly Option<string?> Channels = new("--channels") { Description = "Of published weights: rgb, or bgr where they were trained on images whose channels stood so. Default: rgb." };
    private static readonly Option<string?> Classifier = new("--classifier") { Description = "Of a published generator: the registered classifier whose CAMs it was trained on; name, digest, or at least 6 digits of it." };
    private static readonly Option<string?> Discriminator = new("--discriminator") { Description = "Of a published generator: the file of the discriminator it was trained against, which a second stage takes over." };

    public static Command Create()
    {
        Command command = new("import", "Register a checkpoint from a file. What it is follows from the file; see docs/checkpoints.md.") { File, Name, Categories, Background, Size, Channels, Classifier, Discriminator };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            PublishedAnswers answers = AnswersOf(arguments);
            CheckpointDetail? classifier = arguments.GetValue(Classifier) is { } reference ? await CheckpointCommands.FindAsync(session.Client, reference, cancellationToken) : null;
            CheckpointFile file = CheckpointFile.Open(arguments.GetValue(Name)!, arguments.GetValue(File)!, answers with { Classifier = classifier });
            await session.Client.UploadAsync(file.Content, MediaTypes.SafeTensors, cancellationToken);
            CheckpointDetail registered = await session.Client.PostAsync<CheckpointDetail>(Routes.Checkpoints, file.Described, cancellationToken);
            Console.WriteLine($"{registered.Name}: {registered.Kind} {registered.Architecture}, {registered.Object.Digest}");
            foreach (string change in file.Changes) Console.WriteLine($"  {change}");
            return 0;
        });
        return command;
    }

    private static PublishedAnswers AnswersOf(ParseResult arguments) => new()
    {
        Categories = arguments.GetValue(Categories)?.Split(',', StringSplitOptions.TrimEntries),
        Background = arguments.GetValue(Background),
        Size = arguments.GetValue(Size),
        Discriminator = arguments.GetValue(Discriminator),
        Bgr = arguments.GetValue(Channels) switch
        {
            null => null,
            "rgb" => false,
            "bgr" => true,
            string other => throw new CliException($"--channels must be rgb or bgr, is '{other}'."),
        },
    };
}
