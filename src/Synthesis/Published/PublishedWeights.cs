using System.Globalization;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Published.Layouts;
using Factory.Synthesis.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Published;

/// <summary>
/// The weights of a network that the factory knows, in a file that someone else wrote. What it is follows from keys and shapes, and all of them must fit:
/// nothing is taken in part.
/// </summary>
public sealed class PublishedWeights
{
    private const string ParallelPrefix = "module.";
    private readonly WeightFile _file;
    private readonly NetworkLayout _layout;
    private readonly Dictionary<string, string> _names;
    private readonly List<string> _changes = [];

    private PublishedWeights(WeightFile file, NetworkLayout layout, Dictionary<string, string> names)
    {
        (_file, _layout, _names) = (file, layout, names);
        if (names.Values.FirstOrDefault() is { } name && name.StartsWith(ParallelPrefix, StringComparison.Ordinal))
            _changes.Add($"the prefix '{ParallelPrefix}' was taken off all keys");
        var left = names.Keys.Where(layout.LeftOut).ToList();
        if (left.Count > 0)
            _changes.Add($"{left.Count} weights that are not used were left out: {Misfits.Some(left)}");
    }

    /// <summary>What it is: <c>classifier</c>, <c>two-stream</c>, <c>generator</c>, <c>discriminator</c> or <c>perceptual</c>.</summary>
    public string Kind => _layout.Kind;

    /// <summary>The architecture in words, such as <c>resnet18-w64-s32</c>.</summary>
    public string Name => _layout.Name;

    /// <summary>The number of categories it tells apart; of a generator or discriminator those whose condition maps it sees, background included; of VGG19 0.</summary>
    public int Categories => _layout.Categories;

    /// <summary>Side in pixels of the images it is for, where its shapes tell: a preset's; null where they do not.</summary>
    public int? Size => _layout.Size;

    /// <summary>What was changed on the way in, a line each; complete after <see cref="Write"/>.</summary>
    public IReadOnlyList<string> Changes => _changes;

    /// <summary>Finds out what network a file holds.</summary>
    /// <param name="file">The file; must stay open until <see cref="Write"/> is done.</param>
    /// <returns>The network's weights, of which every key and shape fits.</returns>
    /// <exception cref="CheckpointException">It is no network that the factory has, or keys are missing, superfluous or of other shapes.</exception>
    public static PublishedWeights Recognize(WeightFile file)
    {
        var all = file.Entries.Keys.ToDictionary(name => name, StringComparer.Ordinal);
        while (all.Count > 0 && all.Keys.All(key => key.StartsWith(ParallelPrefix, StringComparison.Ordinal)))
            all = all.ToDictionary(n => n.Key[ParallelPrefix.Length..], n => n.Value);
        var shapes = new FileShapes(all.ToDictionary(n => n.Key, n => file.Entries[n.Value].Shape));
        var layout = ResNetLayout.Recognize(shapes) ?? GeneratorLayout.Recognize(shapes) ?? DiscriminatorLayout.Recognize(shapes) ?? Vgg19Layout.Recognize(shapes)
            ?? throw new CheckpointException(
                $"The file's {all.Count} keys ({Misfits.Some(all.Keys)}) are of no network that the factory has: a ResNet or VGG19 of torchvision, an MM-CNN, or pix2pixHD's generator or discriminator.");
        Misfits.Require(layout, shapes, file.Others);
        return new PublishedWeights(file, layout, all);
    }

    /// <summary>Writes the weights, and those of a discriminator that goes with them, as a checkpoint of the factory: float32, for RGB images, with architecture and origin in its metadata.</summary>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="options">What the file does not say.</param>
    /// <exception cref="CheckpointException">The categories are of another number, the discriminator is none or does not go with this network, a weight is not finite or not of floating point, or there are more bytes than can be held.</exception>
    /// <exception cref="ArgumentException">The architecture does not allow that size.</exception>
    /// <exception cref="WeightFileException">The file is truncated.</exception>
    public void Write(Stream stream, PublishedOptions options)
    {
        if (options.CategoryNames.Count != Categories)
            throw new CheckpointException($"The file is a {Kind} ({Name}) for {Categories} categories, but {options.CategoryNames.Count} are named: {string.Join(", ", options.CategoryNames)}.");
        var discriminator = options.Discriminator?.Weights;
        var architecture = discriminator is null ? _layout.Architecture(options.Size) : WithDiscriminator(discriminator, options.Size);
        var bytes = Bytes + (discriminator?.Bytes ?? 0);
        if (bytes > int.MaxValue)
            throw new CheckpointException($"The weights have {bytes} bytes in float32, at most {int.MaxValue} are imported.");
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        List<NamedTensor> tensors = [.. Load(options.Bgr, ""), .. discriminator?.Load(options.Bgr, StageTransfer.DiscriminatorPrefix) ?? []];
        if (discriminator is not null)
            _changes.AddRange(discriminator.Changes.Select(change => $"discriminator: {change}"));
        SafeTensors.Write(stream, tensors, Metadata(architecture, options));
    }

    private long Bytes => _layout.Keys.Sum(key => key.Shape.Aggregate((long)sizeof(float), (product, side) => product * side));

    private string WithDiscriminator(PublishedWeights discriminator, int size)
    {
        if (Kind != CheckpointMetadata.Generator || discriminator.Kind != CheckpointMetadata.Discriminator)
            throw new CheckpointException($"A discriminator goes with a generator, not a {discriminator.Kind} ({discriminator.Name}) with a {Kind} ({Name}).");
        if (discriminator.Categories != Categories)
            throw new CheckpointException($"The discriminator sees condition maps of {discriminator.Categories} categories, the generator those of {Categories}: they were not trained against one another.");
        var own = GeneratorArchitecture.FromJson(_layout.Architecture(size));
        var its = GeneratorArchitecture.FromJson(discriminator._layout.Architecture(size));
        return its.Norm == own.Norm
            ? (own with { Ndf = its.Ndf }).ToJson()
            : throw new CheckpointException($"The discriminator has {its.Norm} norms, the generator {own.Norm} norms: they were not trained against one another.");
    }

    private List<NamedTensor> Load(bool bgr, string prefix)
    {
        var types = new SortedDictionary<string, int>(StringComparer.Ordinal);
        List<NamedTensor> tensors = [.. _layout.Keys.Select(key => new NamedTensor(prefix + key.Key, Load(key, bgr, types)))];
        NoteChanges(bgr, types);
        return tensors;
    }

    private Tensor Load(LayoutKey key, bool bgr, SortedDictionary<string, int> types)
    {
        if (_layout.Idle(key.Key))
            return zeros(key.Shape, ScalarType.Float32);
        if (!_names.TryGetValue(key.Key, out var name))
            return zeros([], ScalarType.Int64);
        using var scope = NewDisposeScope();
        var read = _file.Read(name);
        if (key.IsCounter)
            return read.reshape([]).to(ScalarType.Int64).MoveToOuterDisposeScope();
        if (!read.is_floating_point())
            throw new CheckpointException($"Weight '{key.Key}' is of type {read.dtype}, expected floating point: quantized weights are not read.");
        if (read.dtype != ScalarType.Float32)
            types[$"{read.dtype}"] = types.GetValueOrDefault($"{read.dtype}") + 1;
        var weight = read.to(ScalarType.Float32);
        var broken = weight.numel() - weight.isfinite().sum().item<long>();
        if (broken > 0)
            throw new CheckpointException($"Weight '{key.Key}' has {broken} of {weight.numel()} numbers that are not finite in float32: the network has diverged, or the file is damaged.");
        if (bgr && _layout.Colors.FirstOrDefault(color => color.Key == key.Key) is { } axis)
            weight = Reversed(weight, axis.Axis);
        return weight.MoveToOuterDisposeScope();
    }

    // The same function of an image whose channels stand the other way round.
    private static Tensor Reversed(Tensor weight, int axis)
    {
        var side = weight.shape[axis];
        long[] order = [.. Enumerable.Range(0, (int)side - 3), side - 1, side - 2, side - 3];
        return weight.index_select(axis, tensor(order)).contiguous();
    }

    private void NoteChanges(bool bgr, SortedDictionary<string, int> types)
    {
        foreach (var (type, count) in types)
            _changes.Add($"{count} weights were turned from {type} into Float32");
        var counters = _layout.Keys.Count(key => key.IsCounter && !_names.ContainsKey(key.Key));
        if (counters > 0)
            _changes.Add($"{counters} counters of batches were missing and are 0");
        var idle = _layout.Keys.Where(key => _layout.Idle(key.Key)).Select(key => key.Key).ToList();
        if (idle.Count > 0)
            _changes.Add($"{idle.Count} weights that decide nothing were set to 0: {Misfits.Some(idle)}");
        if (bgr)
            _changes.Add($"channels were turned from BGR into RGB in {string.Join(", ", _layout.Colors.Select(color => color.Key))}");
    }

    private Dictionary<string, string> Metadata(string architecture, PublishedOptions options)
    {
        var categories = CheckpointMetadata.Serialize(options.CategoryNames);
        var annotations = new Dictionary<string, string>
        {
            ["background"] = options.Background.ToString(CultureInfo.InvariantCulture),
            ["categories"] = categories,
            ["origin"] = CheckpointMetadata.Serialize(new CheckpointOrigin { Sha256 = options.Origin, Discriminator = options.Discriminator?.Origin, Format = _file.Format, Changes = _changes }),
        };
        if (options.Classifier is { } classifier)
            annotations["classifier"] = classifier;
        var metadata = CheckpointMetadata.Create(Kind, annotations);
        metadata[CheckpointMetadata.ArchitectureKey] = architecture;
        metadata[CheckpointMetadata.CategoriesKey] = categories;
        return metadata;
    }
}
