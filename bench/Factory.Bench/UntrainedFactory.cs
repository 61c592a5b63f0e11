using System.Runtime.InteropServices;
using Factory.Cli;
using Factory.Cli.Hosting;
using Factory.Cli.Import;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.GpuWorker.Devices;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Phantoms;
using Factory.Synthesis.Training;

namespace Factory.Bench;

/// <summary>An embedded factory with a few phantoms, an untrained classifier and an untrained generator: all that a corpus needs, but for its looks.</summary>
internal static class UntrainedFactory
{
    private const int ClassifierSize = 64;

    /// <summary>Makes a corpus and gives the output of its step.</summary>
    public static async Task<StepOutput> SynthesizeAsync(string folder, string preset, int samples, int shardSize)
    {
        string phantoms = Path.Combine(folder, "phantoms");
        PhantomCollection.Write(phantoms, new() { Subjects = 24, Size = 128, Modalities = [PhantomModality.Cfp] });
        // The embedded host takes the signals for itself and goes on answering; who waits on it has to stop.
        using CancellationTokenSource stop = new();
        using PosixSignalRegistration terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => stop.Cancel());
        using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => stop.Cancel());
        Place place = new(null, Path.Combine(folder, "data"), "cpu", Verbose: false);
        await using Session session = await Session.OpenAsync(place, work: true, CancellationToken.None);
        CollectionImport import = new(session.ImportTarget, new() { Path = phantoms, Name = "bench" });
        CategoryList categories = (await import.RunAsync(ImportProgress.None, CancellationToken.None)).Version.Categories;
        await RegisterAsync(session.Client, preset, categories);
        string yaml = "apiVersion: factory/v1\nname: bench\ncollection: bench\nmodality: cfp\nsteps:\n"
            + "  cams: { kind: ComputeCams, classifier: 'checkpoint:bench-classifier' }\n"
            + $"  corpus: {{ kind: Synthesize, generator: 'checkpoint:bench-generator', cams: cams, samples: {samples}, shardSize: {shardSize} }}\n";
        RunSummary run = await session.Client.PostRecipeAsync<RunSummary>(Routes.Runs, yaml, "bench.yaml", CancellationToken.None);
        return await WaitAsync(session.Client, run.Id, stop.Token);
    }

    private static async Task<StepOutput> WaitAsync(FactoryClient client, int run, CancellationToken cancellationToken)
    {
        string path = Routes.Run.Replace("{id:int}", FormattableString.Invariant($"{run}"), StringComparison.Ordinal);
        while (true)
        {
            RunSnapshot snapshot = await client.GetAsync<RunSnapshot>(path, cancellationToken);
            if (snapshot.Run.State == RunState.Completed) return snapshot.Steps.Single(step => step.Name == "corpus").Output!;
            if (snapshot.IsFinal) throw new InvalidOperationException(snapshot.Run.Error);
            await Task.Delay(200, cancellationToken);
        }
    }

    private static async Task RegisterAsync(FactoryClient client, string preset, CategoryList categories)
    {
        ClassifierArchitecture shape = new() { Width = 8, OutputStride = 8, Categories = categories.Count, Size = ClassifierSize };
        ObjectRef classifier = await client.UploadAsync(Classifier(shape, categories), MediaTypes.SafeTensors, CancellationToken.None);
        string architecture = FormattableString.Invariant($"{shape.Name}-w{shape.Width}-s{shape.OutputStride}");
        NewCheckpoint described = new() { Name = "bench-classifier", Object = classifier, Kind = "classifier", Architecture = architecture, Categories = categories, Size = ClassifierSize };
        await client.PostAsync<CheckpointDetail>(Routes.Checkpoints, described, CancellationToken.None);
        GeneratorArchitecture generated = GeneratorPresets.Find(preset, categories.Count - 1);
        ObjectRef generator = await client.UploadAsync(Generator(generated, classifier.Digest), MediaTypes.SafeTensors, CancellationToken.None);
        described = new() { Name = "bench-generator", Object = generator, Kind = "generator", Architecture = generated.Name, Categories = categories, Size = generated.Size, Classifier = classifier.Digest };
        await client.PostAsync<CheckpointDetail>(Routes.Checkpoints, described, CancellationToken.None);
    }

    private static byte[] Classifier(ClassifierArchitecture architecture, CategoryList categories)
    {
        ImageSet images = ImageSet.Of([.. Enumerable.Range(0, categories.Count).Select(label => (new RgbImage(ClassifierSize, ClassifierSize), label))]);
        using ClassifierTraining training = ClassifierTraining.Start(new() { Architecture = architecture, CategoryNames = categories.Names, Seed = 3 }, images, null);
        return training.Export();
    }

    private static byte[] Generator(GeneratorArchitecture architecture, Sha256Digest classifier)
    {
        int channels = architecture.InputChannels;
        PairedSet pairs = new(1, _ => (new ConditionMap(channels, 8, 8, new byte[channels * 64]), new RgbImage(architecture.Size, architecture.Size)));
        using GeneratorTraining training = GeneratorTraining.Start(new() { Architecture = architecture, Seed = 4 }, pairs);
        return training.Export(new Dictionary<string, string> { [LoadedCheckpoints.ClassifierAnnotation] = classifier.Hex });
    }
}
