namespace Factory.Synthesis.Training;

/// <summary>Deals the examples of a category into disjoint parts, one for each replica of a training.</summary>
internal static class ExampleParts
{
    /// <summary>The stream that shuffles a category: of the training's seed, and the same for every part.</summary>
    internal static Rng Shuffler(ulong seed, int label) => new(Rng.Mix(Rng.Mix(seed) ^ (ulong)label));

    /// <summary>One part of some items: they are shuffled, and every n-th is dealt to it. Over all parts each item is in one; sizes differ by 1 at most.</summary>
    /// <param name="items">What is dealt, the same for every part.</param>
    /// <param name="part">The part, 0 to parts - 1.</param>
    /// <param name="parts">Number of parts, at least 1.</param>
    /// <param name="shuffler">The stream that shuffles, in the same state for every part.</param>
    /// <param name="what">What the items are, for the message.</param>
    /// <returns>The part, in the items' order.</returns>
    /// <exception cref="ArgumentException">There are fewer items than parts.</exception>
    internal static T[] Deal<T>(IReadOnlyList<T> items, int part, int parts, Rng shuffler, string what)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(part, parts);
        if (items.Count < parts)
            throw new ArgumentException($"There are {items.Count} {what}, fewer than the {parts} replicas, each of which needs one of its own; use fewer replicas.");
        int[] order = [.. Enumerable.Range(0, items.Count)];
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = shuffler.NextInt(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return [.. order.Where((_, position) => position % parts == part).Order().Select(index => items[index])];
    }
}
