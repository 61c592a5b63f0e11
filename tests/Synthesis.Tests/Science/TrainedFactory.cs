using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Phantoms;
using Factory.Synthesis.Training;
using TorchSharp;

namespace Factory.Synthesis.Tests.Science;

/// <summary>
/// The whole method on phantoms: a classifier, a generator on its CAMs, a control generator that got each image with the CAM of
/// another, and a judge: a second classifier that saw other subjects. Sources are of subjects none of them has seen.
/// </summary>
public sealed class TrainedFactory : IDisposable
{
    private const int Size = 64;
    private const int Categories = 4;

    private readonly ClassifierCheckpoint _classifier;
    private readonly ClassifierCheckpoint _judge;
    private readonly GeneratorCheckpoint _generator;
    private readonly GeneratorCheckpoint _control;

    /// <summary>Trains.</summary>
    /// <param name="number">Which of many: others have other subjects and other random streams.</param>
    public TrainedFactory(ulong number)
    {
        var train = Draw(80, 11 + (2 * number));
        _classifier = TrainClassifier(train, 1 + (2 * number));
        _judge = TrainClassifier(Draw(80, 12 + (2 * number)), 2 + (2 * number));
        var cams = Cams(Classifier, [.. train.Select(s => s.Phantom.Image)]);
        _generator = TrainGenerator(train, cams);
        // The image of each source goes with the CAM of the one a prime number of places on: the categories are dealt at random.
        _control = TrainGenerator(train, [.. Enumerable.Range(0, cams.Count).Select(i => cams[(i + 37) % cams.Count])]);
        // The factory only ever manipulates CAMs of images it was trained on.
        Sources = [.. train.Zip(cams, (s, cam) => new Source(s.Phantom, s.Category, cam))];
    }

    public IReadOnlyList<Source> Sources { get; }

    public IEnumerable<Source> Diseased => Sources.Where(s => s.Category != 0);

    public ResNet Classifier => _classifier.OneStream;

    public ResNet Judge => _judge.OneStream;

    public ImageGenerator Generator => _generator.Network;

    public ImageGenerator Control => _control.Network;

    public static IReadOnlyList<Cam> Cams(ResNet network, RgbImage[] images)
    {
        using var scope = torch.NewDisposeScope();
        return [.. images.Chunk(16).SelectMany(chunk => ClassActivation.Compute(network, ImageTensors.ToTensor(chunk)).Cams)];
    }

    public void Dispose()
    {
        _classifier.Dispose();
        _judge.Dispose();
        _generator.Dispose();
        _control.Dispose();
    }

    private static (Phantom Phantom, int Category)[] Draw(int subjects, ulong seed)
    {
        var options = new PhantomCollectionOptions { Subjects = subjects, Seed = seed, Size = Size, Modalities = [PhantomModality.Cfp] };
        return [.. PhantomCollection.Specs(options).Select(spec => (PhantomRenderer.Draw(spec), spec.Category))];
    }

    private static ClassifierCheckpoint TrainClassifier((Phantom Phantom, int Category)[] images, ulong seed)
    {
        var options = new ClassifierTrainingOptions
        {
            Architecture = new ClassifierArchitecture { Categories = Categories, Width = 16, Size = Size, OutputStride = 8 },
            CategoryNames = ["Normal", "DryAmd", "Pcv", "WetAmd"],
            Epochs = 12,
            DrawsPerEpoch = 200,
            LearningRate = 0.01,
            Augmentation = Augmentation.Light,
            Seed = seed,
        };
        using var training = ClassifierTraining.Start(options, ImageSet.Of([.. images.Select(i => (i.Phantom.Image, i.Category))]), null);
        training.Run();
        return ClassifierCheckpoint.Load(training.Export());
    }

    private static GeneratorCheckpoint TrainGenerator((Phantom Phantom, int Category)[] images, IReadOnlyList<Cam> cams)
    {
        var maps = cams.Select(cam => ConditionMap.FromCam(cam)).ToArray();
        var options = new GeneratorTrainingOptions { Architecture = GeneratorPresets.Find("tiny64", Categories - 1), ConstantEpochs = 2, DecayEpochs = 2, Steps = 700, BatchSize = 2 };
        using var training = GeneratorTraining.Start(options, new PairedSet(maps.Length, i => (maps[i], images[i].Phantom.Image)));
        training.Run();
        return GeneratorCheckpoint.Load(training.Export());
    }

    /// <summary>A phantom and what the classifier makes of it.</summary>
    public sealed record Source(Phantom Phantom, int Category, Cam Cam);
}
