using System.CommandLine;
using System.Globalization;
using Factory.Cli.Hosting;
using Factory.Cli.Output;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Storage.Manifests;

namespace Factory.Cli.Commands;

/// <summary><c>factory corpus ...</c>, <c>factory verify</c> and <c>factory explain</c>: what a corpus is made of, and whether it is whole.</summary>
internal static class CorpusCommands
{
    public static Command CreateCorpus()
    {
        Argument<int> id = new("RUN") { Description = "The run's number." };
        Argument<string> folder = new("DIR") { Description = $"Where to write to: {CorpusPlace.Description}." };
        Option<string?> step = new("--step") { Description = "The Synthesize step, when the run has several." };
        Command export = new("export", "Write a completed corpus to a folder or a bucket: shards, then the manifest. Goes on where it was when interrupted.") { id, folder, step };
        export.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            RunSnapshot snapshot = await session.Client.GetAsync<RunSnapshot>(RunCommands.RunPath(Routes.Run, arguments.GetValue(id)), cancellationToken);
            CorpusManifest manifest = await ExportAsync(session.Client, snapshot, arguments.GetValue(step), arguments.GetValue(folder)!, cancellationToken);
            Console.WriteLine($"{manifest.Samples} samples in {manifest.Shards.Count} shards, corpus {manifest.Digest}");
            return 0;
        });
        return new("corpus", "Synthetic corpora.") { export };
    }

    public static Command CreateVerify()
    {
        Argument<string> path = new("PATH") { Description = $"Place of a corpus, shards and manifest.json: {CorpusPlace.Description}." };
        Option<string?> digest = new("--corpus") { Description = "The corpus digest that its makers told you, which proves the manifest too." };
        Command command = new("verify", "Check a corpus offline: every digest, count, key and member.") { path, digest };
        command.Does(async (arguments, cancellationToken) =>
        {
            VerificationReport report = await VerifyAsync(arguments.GetValue(path)!, cancellationToken, DigestOf(arguments.GetValue(digest)));
            foreach (VerificationProblem problem in report.Problems) Console.Error.WriteLine(problem);
            if (!report.Ok) throw new CliException($"{arguments.GetValue(path)} is not the corpus its manifest describes: {report.Problems.Count} problems.");
            Console.WriteLine($"verified: {report.Samples} samples in {report.Shards} shards, corpus {report.Digest}");
            return 0;
        });
        return command;
    }

    public static Command CreateExplain()
    {
        Argument<string> key = new("KEY") { Description = "A sample's key: its file name in a shard, without extension." };
        Option<bool> regenerate = new("--regenerate") { Description = "Make the sample again and compare its bytes." };
        Option<string?> output = new("--output") { Description = "With --regenerate: folder for the condition maps before and after, and the image." };
        Command command = new("explain", "Say everything behind a sample: source, manipulation, generator, classifier, shard, run.") { key, regenerate, output };
        command.Does(async (arguments, cancellationToken) =>
        {
            bool again = arguments.GetValue(regenerate);
            await using Session session = await Session.OpenAsync(Shared.PlaceOf(arguments), work: again, cancellationToken);
            string path = Routes.Sample.Replace("{key}", Uri.EscapeDataString(arguments.GetValue(key)!), StringComparison.Ordinal);
            Print(await session.Client.GetAsync<SampleExplanation>(path, cancellationToken));
            if (!again) return 0;
            SampleComparison comparison = await session.Client.PostAsync<SampleComparison>(path + "/regenerate", new { }, cancellationToken);
            return await CompareAsync(session.Client, comparison, arguments.GetValue(output), cancellationToken);
        });
        return command;
    }

    /// <summary>Writes a run's corpus to a folder or a bucket.</summary>
    public static async Task<CorpusManifest> ExportAsync(FactoryClient client, RunSnapshot snapshot, string? step, string path, CancellationToken cancellationToken)
    {
        using ICorpusPlace place = CorpusPlace.Open(path);
        List<StepSnapshot> corpora = [.. snapshot.Steps.Where(candidate => candidate.Output?.Manifest is not null && (step is null || candidate.Name == step))];
        if (corpora.Count == 0) throw new CliException($"run {snapshot.Run.Id} has no completed corpus{(step is null ? "" : " of step " + step)}.");
        if (corpora.Count > 1) throw new CliException($"run {snapshot.Run.Id} has several corpora; choose with --step: {string.Join(", ", corpora.Select(corpus => corpus.Name))}.");
        CorpusManifest manifest = CorpusManifest.Read(await client.DownloadAsync(corpora[0].Output!.Manifest!, cancellationToken), "manifest.json");
        using ProgressLine progress = new("exporting", "MB", manifest.Shards.Sum(shard => shard.Bytes) / 1e6);
        await CorpusExporter.ExportAsync(client.OpenAsync, manifest, place, new Progress<long>(bytes => progress.Report(bytes / 1e6)), cancellationToken);
        return manifest;
    }

    /// <summary>Verifies a corpus with a progress line.</summary>
    public static async Task<VerificationReport> VerifyAsync(string path, CancellationToken cancellationToken, Sha256Digest? expected = null)
    {
        using ICorpusPlace place = CorpusPlace.Open(path);
        using ProgressLine progress = new("verifying", "samples", 0);
        return await CorpusVerifier.VerifyAsync(place, expected, new Progress<long>(samples => progress.Report(samples)), cancellationToken);
    }

    private static Sha256Digest? DigestOf(string? text) =>
        text is null ? null : Sha256Digest.TryParse(text, out Sha256Digest digest) ? digest : throw new CliException($"--corpus {text} is no digest: 64 hexadecimal digits, as verify and export print them.");

    private static void Print(SampleExplanation sample)
    {
        Console.WriteLine($"sample       {sample.Key} (index {sample.Index}, draw {sample.Draw}, seed {sample.Seed})");
        Console.WriteLine($"category     {sample.Category}, {sample.Modality}");
        Console.WriteLine(sample.SourceImage is { } source ? $"source       {sample.Source}, {sample.SourceSubject}, image {source.Short}" : "source       none: noise and category");
        if (sample.Partner is not null) Console.WriteLine($"partner      {sample.Partner}");
        if (sample.SourceImage is not null) Console.WriteLine($"manipulation {sample.Manipulation} {Describe(sample.Parameters)}");
        if (sample.Scores.Count > 0) Console.WriteLine($"scores       {Describe(sample.Scores)}");
        Console.WriteLine($"generator    {sample.Generator}");
        if (sample.Classifier is { } classifier) Console.WriteLine($"classifier   {classifier}");
        Console.WriteLine($"shard        {sample.Shard}");
        Console.WriteLine($"image        {sample.Image}");
        Console.WriteLine($"run          {sample.RunId}, step {sample.Step}, recipe {sample.Recipe.Short}");
    }

    private static async Task<int> CompareAsync(FactoryClient client, SampleComparison comparison, string? output, CancellationToken cancellationToken)
    {
        if (output is not null)
        {
            Directory.CreateDirectory(output);
            if (comparison.ConditionBefore is { } before) await RunFiles.WriteAsync(client, before, Path.Combine(output, "condition-before.png"), cancellationToken);
            if (comparison.ConditionAfter is { } after) await RunFiles.WriteAsync(client, after, Path.Combine(output, "condition-after.png"), cancellationToken);
            if (comparison.Image is { } image) await RunFiles.WriteAsync(client, image, Path.Combine(output, "image.png"), cancellationToken);
        }
        string made = comparison.Image?.Digest.Hex ?? "nothing (the sample was rejected)";
        if (!comparison.Identical) throw new CliException($"made again, the sample is {made}, not {comparison.Stored}; was it made on another kind of device?");
        Console.WriteLine($"made again: identical, {made}");
        return 0;
    }

    private static string Describe(IReadOnlyDictionary<string, double> values) =>
        string.Join(", ", values.Select(value => string.Create(CultureInfo.InvariantCulture, $"{value.Key} {value.Value:0.####}")));
}
