using System.Globalization;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Datasets;
using Factory.Storage.Objects;
using Factory.Synthesis.Training;
using static TorchSharp.torch;

namespace Factory.GpuWorker.Devices;

/// <summary>The classifier and the generator used last, of either kind, on the device. To be used on the torch thread only.</summary>
internal sealed class LoadedCheckpoints(IObjectStore objects, TorchDevice device) : IDisposable
{
    /// <summary>Annotation of a generator's checkpoint: digest of the classifier whose CAMs it was trained on.</summary>
    public const string ClassifierAnnotation = "classifier";

    /// <summary>Annotation of a generator's checkpoint: the <see cref="LesionMapSpec"/> that it was trained on in place of CAMs, as JSON.</summary>
    public const string LesionsAnnotation = "lesions";

    /// <summary>Annotation of every checkpoint: index of the background category.</summary>
    public const string BackgroundAnnotation = "background";

    /// <summary>Annotation of a generator's checkpoint: digest of the VGG19 whose perceptual loss it was trained with, or <c>off</c>.</summary>
    public const string PerceptualAnnotation = "perceptual";

    /// <summary>Annotation of a generator's checkpoint of stage 2: digest of the stage-1 checkpoint it took over.</summary>
    public const string Stage1Annotation = "stage1";

    /// <summary>Annotation of a generator's checkpoint: category names as a JSON array.</summary>
    public const string CategoriesAnnotation = "categories";

    private (Sha256Digest Digest, ClassifierCheckpoint Checkpoint)? _classifier;
    private (Sha256Digest Digest, ScalarType Type, IDisposable Checkpoint)? _generator;
    private volatile Sha256Digest[] _digests = [];

    /// <summary>Digests of what is loaded. May be asked for on any thread.</summary>
    public IReadOnlyList<Sha256Digest> Digests => _digests;

    /// <summary>What a generator's checkpoint says of the maps that it was trained on.</summary>
    public static IReadOnlyDictionary<string, string> Annotations(ConditionBasis basis) => new Dictionary<string, string>
    {
        [basis.Lesions is null ? ClassifierAnnotation : LesionsAnnotation] = basis.Lesions is { } lesions ? JsonSerializer.Serialize(lesions, ContractJson.Options) : basis.Classifier!.Digest.Hex,
    };

    /// <summary>The classifier's CAMs or the lesion maps that a generator's annotations name, in words.</summary>
    public static string TrainedOn(IReadOnlyDictionary<string, string> annotations) => annotations.GetValueOrDefault(LesionsAnnotation) is { } lesions
        ? $"lesion maps of {lesions}"
        : $"CAMs of classifier {annotations.GetValueOrDefault(ClassifierAnnotation, "unknown")}";

    /// <summary>A classifier, which must know these categories.</summary>
    /// <exception cref="PermanentWorkException">It knows others.</exception>
    public ClassifierCheckpoint Classifier(ObjectRef reference, CategoryList categories)
    {
        ClassifierCheckpoint checkpoint = Classifier(reference);
        return checkpoint.CategoryNames.SequenceEqual(categories.Names)
            ? checkpoint
            : throw new PermanentWorkException($"classifier {reference.Digest.Short} knows the categories {string.Join(", ", checkpoint.CategoryNames)}; the run has {categories}.");
    }

    /// <summary>A classifier, whatever its categories.</summary>
    public ClassifierCheckpoint Classifier(ObjectRef reference)
    {
        if (_classifier?.Digest == reference.Digest) return _classifier.Value.Checkpoint;
        _classifier?.Checkpoint.Dispose();
        _classifier = null;
        _classifier = (reference.Digest, ClassifierCheckpoint.Load(Read(reference), device.Device));
        NoteDigests();
        return _classifier.Value.Checkpoint;
    }

    /// <summary>
    /// A generator in the corpus's precision, which must have been trained on such maps, since the scale of a condition map belongs to one classifier, and
    /// for the corpus's categories.
    /// </summary>
    /// <exception cref="PermanentWorkException">It was trained on CAMs of another classifier, on other lesion maps, or for other categories.</exception>
    public GeneratorCheckpoint Generator(ObjectRef reference, ConditionBasis basis, SynthesisSpec corpus)
    {
        ScalarType type = corpus.Precision switch
        {
            null => ScalarType.Float32,
            SynthesizeStep.Bfloat16 => ScalarType.BFloat16,
            string other => throw new PermanentWorkException($"the corpus asks for precision {other}; this worker knows float32 and {SynthesizeStep.Bfloat16}."),
        };
        GeneratorCheckpoint checkpoint = Load(reference, type, content => GeneratorCheckpoint.Load(content, device.Device, type));
        string trainedOn = TrainedOn(checkpoint.Annotations), asked = TrainedOn(Annotations(basis));
        if (trainedOn != asked) throw new PermanentWorkException($"generator {reference.Digest.Short} was trained on {trainedOn}, not on {asked}; use the generator's own classifier or lesion maps.");
        int channels = checkpoint.Network.Architecture.InputChannels;
        if (channels != basis.Channels) throw new PermanentWorkException($"generator {reference.Digest.Short} takes condition maps of {channels} channels; {basis} make {basis.Channels}.");
        RequireCategories(checkpoint.Annotations, reference, corpus.Categories);
        return checkpoint;
    }

    /// <summary>A label-conditioned generator, which must have been trained for the corpus's categories.</summary>
    /// <exception cref="PermanentWorkException">It was trained for others.</exception>
    public LabelGeneratorCheckpoint LabelGenerator(ObjectRef reference, SynthesisSpec corpus)
    {
        LabelGeneratorCheckpoint checkpoint = Load(reference, ScalarType.Float32, content => LabelGeneratorCheckpoint.Load(content, device.Device));
        int known = checkpoint.Network.Architecture.Categories;
        if (known != corpus.Categories.Count) throw new PermanentWorkException($"generator {reference.Digest.Short} knows {known} categories; the run has {corpus.Categories.Count}.");
        RequireCategories(checkpoint.Annotations, reference, corpus.Categories);
        return checkpoint;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _classifier?.Checkpoint.Dispose();
        _generator?.Checkpoint.Dispose();
    }

    private T Load<T>(ObjectRef reference, ScalarType type, Func<byte[], T> load)
        where T : class, IDisposable
    {
        if (_generator is { Checkpoint: T loaded } && _generator.Value.Digest == reference.Digest && _generator.Value.Type == type) return loaded;
        _generator?.Checkpoint.Dispose();
        _generator = null;
        T checkpoint = load(Read(reference));
        _generator = (reference.Digest, type, checkpoint);
        NoteDigests();
        return checkpoint;
    }

    // Torch aborts the process on some shapes that do not fit: they must not get that far.
    private static void RequireCategories(IReadOnlyDictionary<string, string> annotations, ObjectRef reference, CategoryList categories)
    {
        if (annotations.GetValueOrDefault(CategoriesAnnotation) is not { } names) return;
        string own = JsonSerializer.Serialize(categories.Names), background = annotations.GetValueOrDefault(BackgroundAnnotation, "");
        if (names != own || background != categories.Background.ToString(CultureInfo.InvariantCulture))
        {
            throw new PermanentWorkException($"generator {reference.Digest.Short} was trained for the categories {names} with background {background}; the run has {categories}.");
        }
    }

    private void NoteDigests() => _digests = [.. new[] { _classifier?.Digest, _generator?.Digest }.OfType<Sha256Digest>()];

    private byte[] Read(ObjectRef reference) => objects.ReadAsync(reference, CancellationToken.None).GetAwaiter().GetResult();
}
