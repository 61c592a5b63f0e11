namespace Factory.Synthesis.Training;

/// <summary>Draws with replacement in which an image weighs 1 / its category's size: a category uniformly among those present, then one of its images uniformly.</summary>
internal sealed class BalancedDraws
{
    private readonly (int Label, int[] Images)[] _categories;

    internal BalancedDraws(IReadOnlyList<int> labels) =>
        _categories = [.. Enumerable.Range(0, labels.Count).GroupBy(i => labels[i]).OrderBy(g => g.Key).Select(g => (g.Key, g.ToArray()))];

    internal (int Image, int Label) Next(Rng rng)
    {
        var (label, images) = _categories[rng.NextInt(_categories.Length)];
        return (images[rng.NextInt(images.Length)], label);
    }
}
