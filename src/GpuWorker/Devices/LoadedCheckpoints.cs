using System.Globalization;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.Storage.Objects;
using Factory.Synthesis.Training;
using static TorchSharp.torch;

namespace Factory.GpuWorker.Devices;

/// <summary>The classifier and the generator used last, on the device. To be used on the torch thread only.</summary>
internal sealed class LoadedCheckpoints(IObjectStore objects, TorchDevice device) : IDisposable
{
    /// <summary>Annotation of a generator's checkpoint: digest of the classifier whose CAMs it was trained on.</summary>
    public const string ClassifierAnnotation = "classifier";

    /// <summary>Annotation of every checkpoint: index of the background category.</summary>
    public const string BackgroundAnnotation = "background";

    /// <summary>Annotation of a generator's checkpoint: digest of the VGG19 whose perceptual loss it was trained with, or <c>off</c>.</summary>
    public const string PerceptualAnnotation = "perceptual";

    /// <summary>Annotation of a generator's checkpoint of stage 2: digest of the stage-1 checkpoint it took over.</summary>
    public const string Stage1Annotation = "stage1";

    /// <summary>Annotation of a generator's checkpoint: category names as a JSON array.</summary>
    public const string CategoriesAnnotation = "categories";

    private (Sha256Digest Digest, ClassifierCheckpoint Checkpoint)? _classifier;
    private (Sha256Digest Digest, ScalarType Type, GeneratorCheckpoint Checkpoint)? _generator;
    private volatile Sha256Digest[] _digests = [];

    /// <summary>Digests of what is loaded. May be asked for on any thread.</summary>
    public IReadOnlyList<Sha256Digest> Digests => _digests;

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
    /// A generator in the corpus's precision, which must have been trained on CAMs of this classifier, since the scale of a condition map belongs to one
    /// classifier, and for the corpus's categories.
    /// </summary>
    /// <exception cref="PermanentWorkException">It was trained on CAMs of another classifier, or for other categories.</exception>
    public GeneratorCheckpoint Generator(ObjectRef reference, Sha256Digest classifier, SynthesisSpec corpus)
    {
        ScalarType type = corpus.Precision switch
        {
            null => ScalarType.Float32,
            SynthesizeStep.Bfloat16 => ScalarType.BFloat16,
            string other => throw new PermanentWorkException($"the corpus asks for precision {other}; this worker knows float32 and {SynthesizeStep.Bfloat16}."),
        };
        if (_generator?.Digest != reference.Digest || _generator.Value.Type != type)
        {
            _generator?.Checkpoint.Dispose();
            _generator = null;
            _generator = (reference.Digest, type, GeneratorCheckpoint.Load(Read(reference), device.Device, type));
            NoteDigests();
        }
        string trainedOn = _generator.Value.Checkpoint.Annotations.GetValueOrDefault(ClassifierAnnotation, "unknown");
        if (trainedOn != classifier.Hex) throw new PermanentWorkException($"generator {reference.Digest.Short} was trained on CAMs of classifier {trainedOn}, not of {classifier.Hex}; use the generator's own classifier.");
        RequireCategories(_generator.Value.Checkpoint, reference, corpus.Categories);
        return _generator.Value.Checkpoint;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _classifier?.Checkpoint.Dispose();
        _generator?.Checkpoint.Dispose();
    }

    // Torch aborts the process on some shapes that do not fit: they must not get that far.
    private static void RequireCategories(GeneratorCheckpoint generator, ObjectRef reference, CategoryList categories)
    {
        int channels = generator.Network.Architecture.InputChannels;
        if (channels != categories.Count - 1) throw new PermanentWorkException($"generator {reference.Digest.Short} takes condition maps of {channels} channels; the run's {categories.Count} categories make {categories.Count - 1}.");
        if (generator.Annotations.GetValueOrDefault(CategoriesAnnotation) is not { } names) return;
        string own = JsonSerializer.Serialize(categories.Names), background = generator.Annotations.GetValueOrDefault(BackgroundAnnotation, "");
        if (names != own || background != categories.Background.ToString(CultureInfo.InvariantCulture))
        {
            throw new PermanentWorkException($"generator {reference.Digest.Short} was trained for the categories {names} with background {background}; the run has {categories}.");
        }
    }

    private void NoteDigests() => _digests = [.. new[] { _classifier?.Digest, _generator?.Digest }.OfType<Sha256Digest>()];

    private byte[] Read(ObjectRef reference) => objects.ReadAsync(reference, CancellationToken.None).GetAwaiter().GetResult();
}
