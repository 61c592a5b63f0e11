namespace Factory.Synthesis.Cams.Manipulations;

/// <summary>The closed set of manipulations, by name.</summary>
public static class ManipulationRegistry
{
    private sealed record Entry(string? Parameter, double Least, double Most, Func<ParameterRange?, Manipulation> Create);

    private static readonly SortedDictionary<string, Entry> Entries = new(StringComparer.Ordinal)
    {
        ["ori"] = new(null, 0, 0, _ => new Original()),
        ["flr"] = new(null, 0, 0, _ => new Flip()),
        ["trs"] = new(null, 0, 0, _ => new SwapPeak()),
        ["shift"] = new("fraction", -1, 1, r => r is { } range ? new Shift { Fraction = range } : new Shift()),
        ["rotate"] = new("degrees", -180, 180, r => r is { } range ? new Rotate { Degrees = range } : new Rotate()),
        ["scale"] = new("factor", 0.1, 10, r => r is { } range ? new Scale { Factor = range } : new Scale()),
        ["gain"] = new("gain", 0, 10, r => r is { } range ? new Gain { Multiplier = range } : new Gain()),
        ["mix"] = new("weight", 0, 1, r => r is { } range ? new Mix { Weight = range } : new Mix()),
        ["copy-lesion"] = new(null, 0, 0, _ => new CopyLesion()),
        ["erase-secondary"] = new(null, 0, 0, _ => new EraseSecondary()),
    };

    /// <summary>All names, in ordinal order: copy-lesion, erase-secondary, flr, gain, mix, ori, rotate, scale, shift, trs.</summary>
    public static IReadOnlyCollection<string> Names => Entries.Keys;

    /// <summary>The name of a manipulation's parameter.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <returns>The parameter a range may be given for, or null where there is none.</returns>
    /// <exception cref="ManipulationException">No manipulation has that name.</exception>
    public static string? ParameterOf(string name) => Find(name).Parameter;

    /// <summary>Makes a manipulation.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="ranges">
    /// Ranges in place of the defaults: <c>fraction</c> (shift, -1 to 1), <c>degrees</c> (rotate, -180 to 180), <c>factor</c> (scale, 0.1 to 10),
    /// <c>gain</c> (gain, 0 to 10), <c>weight</c> (mix, 0 to 1). Default none.
    /// </param>
    /// <returns>The manipulation.</returns>
    /// <exception cref="ManipulationException">The name or a parameter is unknown, or a range is reversed or out of bounds.</exception>
    public static Manipulation Create(string name, IReadOnlyDictionary<string, ParameterRange>? ranges = null)
    {
        var entry = Find(name);
        ParameterRange? given = null;
        foreach (var (parameter, range) in ranges ?? new Dictionary<string, ParameterRange>())
        {
            if (parameter != entry.Parameter)
                throw new ManipulationException($"{name} has no parameter '{parameter}', {(entry.Parameter is null ? "it has none" : $"expected '{entry.Parameter}'")}.");
            if (!(range.Min >= entry.Least && range.Max <= entry.Most && range.Min <= range.Max))
                throw new ManipulationException($"{name}: the range of '{parameter}' is {range.Min} to {range.Max}, expected two numbers from {entry.Least} to {entry.Most}, the smaller first.");
            given = range;
        }

        return entry.Create(given);
    }

    private static Entry Find(string name) => Entries.TryGetValue(name, out var entry)
        ? entry
        : throw new ManipulationException($"Manipulation '{name}' is unknown, expected one of {string.Join(", ", Names)}.");
}
