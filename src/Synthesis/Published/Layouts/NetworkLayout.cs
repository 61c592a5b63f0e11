namespace Factory.Synthesis.Published.Layouts;

/// <summary>What a file's keys and shapes say it is, and all that such a network has.</summary>
internal sealed record NetworkLayout
{
    /// <summary><c>classifier</c>, <c>two-stream</c>, <c>generator</c>, <c>discriminator</c> or <c>perceptual</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>In words, for messages and lists, such as <c>resnet18-w64-s32</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The categories it tells apart; for a generator or a discriminator those whose condition maps it sees, background included; 0 where it knows none.</summary>
    public required int Categories { get; init; }

    /// <summary>Side in pixels of the images it is for, where its shapes tell; null where they do not.</summary>
    public int? Size { get; init; }

    /// <summary>Makes the architecture's JSON for images of a size in pixels.</summary>
    /// <remarks>Throws <see cref="ArgumentException"/> where the architecture does not allow that size.</remarks>
    public required Func<int, string> Architecture { get; init; }

    /// <summary>Every key with its shape, in state-dict order.</summary>
    public required IReadOnlyList<LayoutKey> Keys { get; init; }

    /// <summary>The key and axis whose three entries are an image's red, green and blue, on the way in or out.</summary>
    public required IReadOnlyList<ColorAxis> Colors { get; init; }

    /// <summary>Which of the file's keys belong to it, but are not used. Default none.</summary>
    public Func<string, bool> LeftOut { get; init; } = _ => false;

    /// <summary>Which of <see cref="Keys"/> decide nothing and become 0, whatever the file has under them. Default none.</summary>
    public Func<string, bool> Idle { get; init; } = _ => false;

    /// <summary>The keys that a file must have, in these shapes.</summary>
    public IEnumerable<LayoutKey> Needed => Keys.Where(key => !Idle(key.Key));
}

/// <summary>A key and its shape.</summary>
/// <param name="Key">The state-dict key.</param>
/// <param name="Shape">The sides.</param>
internal sealed record LayoutKey(string Key, params long[] Shape)
{
    /// <summary>Whether it counts batches, which files older than torch 0.4.1 lack and inference does not use.</summary>
    public bool IsCounter => Key.EndsWith(".num_batches_tracked", StringComparison.Ordinal);

    internal static IEnumerable<LayoutKey> BatchNorm(string key, long channels) =>
    [
        new($"{key}.weight", channels), new($"{key}.bias", channels), new($"{key}.running_mean", channels),
        new($"{key}.running_var", channels), new($"{key}.num_batches_tracked"),
    ];

    internal static IEnumerable<LayoutKey> Convolution(string key, long output, long input, int side) =>
        [new($"{key}.weight", output, input, side, side), new($"{key}.bias", output)];
}

/// <summary>Where colors stand in a weight.</summary>
/// <param name="Key">The weight.</param>
/// <param name="Axis">The axis; its last three entries are colors.</param>
internal sealed record ColorAxis(string Key, int Axis);

/// <summary>Shapes by key, as a file has them.</summary>
/// <param name="shapes">The shapes.</param>
internal sealed class FileShapes(IReadOnlyDictionary<string, IReadOnlyList<long>> shapes)
{
    public IReadOnlyDictionary<string, IReadOnlyList<long>> All => shapes;

    public bool Has(string key) => shapes.ContainsKey(key);

    /// <summary>One side of a weight; 0 where there is no such weight or axis.</summary>
    public int Side(string key, int axis) =>
        shapes.TryGetValue(key, out var shape) && axis < shape.Count && shape[axis] is > 0 and <= 1 << 16 ? (int)shape[axis] : 0;

    /// <summary>How many of <c>key(0)</c>, <c>key(1)</c>, ... there are in a row.</summary>
    public int Count(Func<int, string> key) => Enumerable.Range(0, shapes.Count).TakeWhile(i => shapes.ContainsKey(key(i))).Count();

    /// <summary>Those under a prefix, without it.</summary>
    public FileShapes Under(string prefix) =>
        new(shapes.Where(s => s.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(s => s.Key[prefix.Length..], s => s.Value));
}
