using Factory.Synthesis.Networks;
using Factory.Synthesis.Published.Layouts;
using Factory.Synthesis.Published.Pickle;

namespace Factory.Synthesis.Published;

/// <summary>Compares a file's keys and shapes with a network's and names what does not fit.</summary>
internal static class Misfits
{
    private const int Named = 5;

    /// <summary>Requires that a file has all of a network's weights, in their shapes, and no others; batch-norm counters may be missing.</summary>
    /// <exception cref="CheckpointException">It does not; the message names up to five keys of each fault and counts the others.</exception>
    internal static void Require(NetworkLayout layout, FileShapes shapes, IReadOnlyList<string> others)
    {
        var expected = layout.Keys.ToDictionary(key => key.Key, StringComparer.Ordinal);
        List<string> faults =
        [
            .. Fault("missing", layout.Needed.Where(key => !key.IsCounter && !shapes.Has(key.Key)).Select(key => key.Key)),
            .. Fault("unexpected", shapes.All.Keys.Concat(others).Where(key => !expected.ContainsKey(key) && !layout.LeftOut(key)).Order(StringComparer.Ordinal)),
            .. Fault("no tensors", others.Where(expected.ContainsKey)),
            .. Fault("of another shape", layout.Needed.Where(key => shapes.All.TryGetValue(key.Key, out var shape) && !SameShape(key, shape))
                .Select(key => $"{key.Key} [{string.Join(", ", shapes.All[key.Key])}], expected [{string.Join(", ", key.Shape)}]")),
        ];
        if (faults.Count > 0)
            throw new CheckpointException($"The file looks like a {layout.Kind} ({layout.Name}), but does not fit it: {string.Join("; ", faults)}.");
    }

    /// <summary>The first few of some keys, as they may stand in a message.</summary>
    internal static string Some(IEnumerable<string> keys)
    {
        var all = keys.ToList();
        return string.Join(", ", all.Take(Named).Select(StateDictGlobals.Shorten)) + (all.Count > Named ? $" and {all.Count - Named} more" : "");
    }

    private static IEnumerable<string> Fault(string what, IEnumerable<string> keys)
    {
        var all = keys.ToList();
        return all.Count > 0 ? [$"{what} {Some(all)}"] : [];
    }

    // A single number may have one side of 1, as some tools write it.
    private static bool SameShape(LayoutKey key, IReadOnlyList<long> shape) => shape.SequenceEqual(key.Shape) || (key.IsCounter && shape is [1]);
}
