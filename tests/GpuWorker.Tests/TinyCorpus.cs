using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.GpuWorker.Devices;
using Factory.Storage.Objects;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Phantoms;
using Factory.Synthesis.Training;
using Microsoft.Extensions.DependencyInjection;

namespace Factory.GpuWorker.Tests;

/// <summary>Phantoms of four categories in a worker's store, an untrained classifier, its CAMs of them, and an untrained generator on these.</summary>
public sealed class TinyCorpus : IAsyncLifetime
{
    public const int PerCategory = 3;
    public const int Size = 64;

    public TestWorker Worker { get; private set; } = null!;

    public static CategoryList Categories => CategoryList.Amd;

    public IReadOnlyList<(ObjectRef Image, int Label)> Images { get; private set; } = [];

    public ObjectRef Classifier { get; private set; } = null!;

    public ObjectRef Generator { get; private set; } = null!;

    public IReadOnlyList<CamSource> Sources { get; private set; } = [];

    public ObjectRef SourceList { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Worker = await TestWorker.StartAsync();
        List<(ObjectRef, int)> images = [];
        for (int number = 0; number < PerCategory * Categories.Count; number++)
        {
            PhantomSpec spec = new()
            {
                Seed = 5,
                Subject = number,
                Eye = PhantomEye.Left,
                Category = number % Categories.Count,
                Modality = PhantomModality.Cfp,
                Size = Size,
            };
            images.Add((await PutAsync(ImageEncoder.EncodePng(PhantomRenderer.Draw(spec).Image), MediaTypes.Png), number % Categories.Count));
        }
        Images = images;
        Classifier = await PutAsync(await OnDeviceAsync(() => UntrainedClassifier(seed: 3)), MediaTypes.SafeTensors);
        CamBlockComputed block = await Worker.DoAsync<CamBlockComputed>(new ComputeCamBlock { Order = Worker.Order(), Classifier = Classifier, Images = [.. images.Select(image => image.Item1)] });
        Sources = [.. images.Select((image, row) => new CamSource { Image = image.Item1, Label = image.Item2, Subject = row, Block = block.Artifact, Row = row })];
        SourceList = await PutLinesAsync(Sources);
        Generator = await PutAsync(await OnDeviceAsync(() => UntrainedGenerator(Classifier.Digest)), MediaTypes.SafeTensors);
    }

    public ValueTask DisposeAsync() => Worker.DisposeAsync();

    public Task<ObjectRef> PutAsync(byte[] content, string mediaType) => Worker.Objects.PutAsync(content, mediaType, CancellationToken.None);

    public Task<ObjectRef> PutLinesAsync<T>(IEnumerable<T> lines) =>
        PutAsync([.. lines.SelectMany(line => (byte[])[.. JsonSerializer.SerializeToUtf8Bytes(line, ContractJson.Options), (byte)'\n'])], MediaTypes.JsonLines);

    public Task<T> OnDeviceAsync<T>(Func<T> compute) =>
        Worker.Services.GetRequiredService<TorchDevice>().RunAsync(new Numerics { Device = "cpu", Threads = 1 }, compute, CancellationToken.None);

    /// <summary>A dataset of all phantoms on the given sides.</summary>
    public IEnumerable<DatasetEntry> Entries(params Split[] splits) =>
        splits.SelectMany(split => Images.Select(image => new DatasetEntry { Object = image.Image, Split = split, Label = image.Label }));

    public GenerateShard Shard(Func<SynthesisSpec, SynthesisSpec>? change = null)
    {
        SynthesisSpec spec = new()
        {
            Seed = 11,
            Modality = Modality.Cfp,
            Categories = Categories,
            Counts = [0, 8, 8, 8],
            Manipulations = [new() { Name = "flr" }, new() { Name = "shift", Weight = 2 }, new() { Name = "mix", Range = [0.3, 0.7] }],
            BatchSize = 3,
            KeepConditions = true,
            Recipe = Sha256Digest.Of("recipe"u8),
        };
        return new()
        {
            Order = Worker.Order(),
            Sources = SourceList,
            Generator = Generator,
            Classifier = Classifier,
            Synthesis = change is null ? spec : change(spec),
            First = 5,
            Count = 10,
        };
    }

    public static byte[] UntrainedClassifier(ulong seed)
    {
        ClassifierTrainingOptions options = new()
        {
            Architecture = new() { Width = 8, OutputStride = 8, Categories = Categories.Count, Size = Size },
            CategoryNames = Categories.Names,
            Seed = seed,
        };
        using ClassifierTraining training = ClassifierTraining.Start(options, ImageSet.Of([.. Enumerable.Range(0, 4).Select(label => (new RgbImage(Size, Size), label))]), null);
        return training.Export();
    }

    private static byte[] UntrainedGenerator(Sha256Digest classifier)
    {
        int channels = Categories.Count - 1;
        PairedSet pairs = new(1, _ => (new ConditionMap(channels, 8, 8, new byte[channels * 64]), new RgbImage(Size, Size)));
        using GeneratorTraining training = GeneratorTraining.Start(new() { Architecture = Synthesis.Networks.GeneratorPresets.Find("tiny64", channels), Seed = 4 }, pairs);
        return training.Export(new Dictionary<string, string> { [LoadedCheckpoints.ClassifierAnnotation] = classifier.Hex });
    }
}

/// <summary>Classes that share one corpus and its worker, one after the other.</summary>
[CollectionDefinition]
public sealed class TinyCorpusCollection : ICollectionFixture<TinyCorpus>;
