using System.CommandLine;
using Factory.Synthesis.Phantoms;

namespace Factory.Cli.Commands;

/// <summary><c>factory phantom</c>: a collection to try everything with.</summary>
internal static class PhantomCommand
{
    public static Command Create()
    {
        Argument<string> folder = new("DIR") { Description = "Folder to write to; new or empty." };
        Option<int> subjects = new("--subjects") { Description = "Number of subjects, each with two eyes in two modalities.", DefaultValueFactory = _ => 48 };
        Option<int> size = new("--size") { Description = "Side of the images in pixels, 64 to 1024.", DefaultValueFactory = _ => 256 };
        Option<ulong> seed = new("--seed") { Description = "Seed of anatomy and lesions.", DefaultValueFactory = _ => 1 };
        Command command = new("phantom", "Draw a labelled two-modality collection of phantom eyes, with lesion masks beside it.") { folder, subjects, size, seed };
        command.Does((arguments, cancellationToken) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            string path = arguments.GetValue(folder)!;
            Require(arguments.GetValue(subjects), 1, 100_000, "--subjects");
            Require(arguments.GetValue(size), 64, 1024, "--size");
            PhantomCollection.Write(path, new() { Subjects = arguments.GetValue(subjects), Size = arguments.GetValue(size), Seed = arguments.GetValue(seed) });
            Console.WriteLine($"drawn: {Path.GetFullPath(path)} (import it with: factory collection import {path} --name phantoms)");
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Require(int value, int least, int most, string option)
    {
        if (value < least || value > most) throw new CliException($"{option} must be {least} to {most}, is {value}.");
    }
}
