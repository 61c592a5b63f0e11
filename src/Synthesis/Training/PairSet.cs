namespace Factory.Synthesis.Training;

/// <summary>
/// Pairs of a CFP and an OCT image of one category. Strict: of one eye. Loose: any CFP with any OCT, the Cartesian product of each category, which is counted and drawn
/// from, but never listed. Source: Wang et al., MICCAI 2019, arXiv 1907.12023.
/// </summary>
public sealed class PairSet : ExampleSet
{
    private readonly Block[] _blocks;
    private readonly bool _loose;

    private PairSet(ImageSet cfp, ImageSet oct, bool loose, IEnumerable<Block> blocks, string none)
    {
        _loose = loose;
        _blocks = [.. blocks.Where(block => block.Count > 0)];
        if (_blocks.Length == 0)
            throw new ArgumentException(none);
        Streams = [cfp, oct];
        Examples = _blocks.Sum(block => block.Count);
    }

    /// <inheritdoc/>
    public override long Examples { get; }

    internal override IReadOnlyList<ImageSet> Streams { get; }

    /// <summary>Pairs every CFP image with every OCT image of its category.</summary>
    /// <param name="cfp">The CFP images.</param>
    /// <param name="oct">The OCT images.</param>
    /// <returns>The pairs, in order of category, CFP image, OCT image.</returns>
    /// <exception cref="ArgumentException">No category has images of both.</exception>
    public static PairSet Loose(ImageSet cfp, ImageSet oct)
    {
        var (first, second) = (ByLabel(cfp), ByLabel(oct));
        return new PairSet(
            cfp, oct, loose: true,
            first.Keys.Intersect(second.Keys).Order().Select(label => new Block(label, first[label], second[label])),
            "No category has both CFP and OCT images, so that there are no pairs.");
    }

    /// <summary>Pairs the CFP images of each eye with its OCT images.</summary>
    /// <param name="cfp">The CFP images.</param>
    /// <param name="oct">The OCT images.</param>
    /// <param name="cfpEye">The eye of a CFP image by its index; negative where unknown, which makes no pair.</param>
    /// <param name="octEye">The eye of an OCT image likewise.</param>
    /// <returns>The pairs, in order of eye, CFP image, OCT image. Images of one eye whose categories differ make none.</returns>
    /// <exception cref="ArgumentException">No eye has images of both.</exception>
    public static PairSet Strict(ImageSet cfp, ImageSet oct, Func<int, int> cfpEye, Func<int, int> octEye)
    {
        var (first, second) = (ByEye(cfp, cfpEye), ByEye(oct, octEye));
        return new PairSet(
            cfp, oct, loose: false,
            first.Keys.Intersect(second.Keys).Order().Select(key => new Block(key.Label, first[key], second[key])),
            "No eye has both CFP and OCT images of one category, so that there are no strict pairs.");
    }

    /// <summary>Number of pairs of each category.</summary>
    /// <param name="categories">K, the number of categories.</param>
    /// <returns>K counts.</returns>
    public IReadOnlyList<long> Counts(int categories) => [.. Enumerable.Range(0, categories).Select(label => _blocks.Where(block => block.Label == label).Sum(block => block.Count))];

    /// <summary>The images of one stream, once for each pair, so that a classifier of one modality can be judged by the same pairs.</summary>
    /// <param name="stream">0 for CFP, 1 for OCT.</param>
    /// <returns>As many images as there are pairs, in their order.</returns>
    public ImageSet Of(int stream) => new(checked((int)Examples), i => At(i).Label, i => Streams[stream].Load(At(i).Images[stream]));

    /// <summary>The numbers of a pair's images in their sets.</summary>
    /// <param name="index">0 to Examples - 1.</param>
    /// <returns>Category, CFP image and OCT image.</returns>
    public (int Label, int Cfp, int Oct) Pair(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Examples);
        var found = Find(_blocks, index);
        return (found.Label, found.Images[0], found.Images[1]);
    }

    /// <inheritdoc/>
    public override ExampleSet Part(int part, int parts, ulong seed) => new PairSet(
        Streams[0], Streams[1], _loose,
        _blocks.GroupBy(block => block.Label).SelectMany(category => PartOf(category.Key, [.. category], part, parts, ExampleParts.Shuffler(seed, category.Key))),
        "There are no pairs.");

    internal override Example At(long index) => Find(_blocks, index);

    internal override Func<Rng, Example> BalancedDraws(int categories)
    {
        foreach (var stream in Streams)
            stream.Labels(categories);
        Block[][] labels = [.. _blocks.GroupBy(block => block.Label).OrderBy(group => group.Key).Select(group => group.ToArray())];
        int?[] counts = [.. labels.Select(blocks => blocks.Length == 1 ? (int?)null : checked((int)blocks.Sum(block => block.Count)))];
        return rng =>
        {
            var picked = rng.NextInt(labels.Length);
            // A category of one block, as all of a loose set are, may have more pairs than one draw can number: each side is drawn by itself.
            return counts[picked] is { } count
                ? Find(labels[picked], rng.NextInt(count))
                : labels[picked][0].Draw(rng);
        };
    }

    // Eyes are dealt whole; of a loose set, images of either side are.
    private Block[] PartOf(int label, Block[] blocks, int part, int parts, Rng shuffler) => _loose
        ? [new(label,
            ExampleParts.Deal(blocks[0].Cfp, part, parts, shuffler, $"CFP training images of category {label}"),
            ExampleParts.Deal(blocks[0].Oct, part, parts, shuffler, $"OCT training images of category {label}"))]
        : ExampleParts.Deal(blocks, part, parts, shuffler, $"eyes with training pairs of category {label}");

    private static Example Find(Block[] blocks, long index)
    {
        var at = 0;
        while (index >= blocks[at].Count)
            index -= blocks[at++].Count;
        return blocks[at].Of((int)(index / blocks[at].Oct.Length), (int)(index % blocks[at].Oct.Length));
    }

    private static Dictionary<int, int[]> ByLabel(ImageSet images) =>
        Enumerable.Range(0, images.Count).GroupBy(images.Label).ToDictionary(group => group.Key, group => group.ToArray());

    private static Dictionary<(int Eye, int Label), int[]> ByEye(ImageSet images, Func<int, int> eye) =>
        Enumerable.Range(0, images.Count).Where(i => eye(i) >= 0).GroupBy(i => (eye(i), images.Label(i))).ToDictionary(group => group.Key, group => group.ToArray());

    /// <summary>Some CFP images, each paired with each of some OCT images.</summary>
    private sealed record Block(int Label, int[] Cfp, int[] Oct)
    {
        public long Count => (long)Cfp.Length * Oct.Length;

        public Example Of(int cfp, int oct) => new(Label, [Cfp[cfp], Oct[oct]]);

        public Example Draw(Rng rng) => Of(rng.NextInt(Cfp.Length), rng.NextInt(Oct.Length));
    }
}
