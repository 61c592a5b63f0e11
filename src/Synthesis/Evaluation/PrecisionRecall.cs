namespace Factory.Synthesis.Evaluation;

/// <summary>
/// Improved precision and recall of generated images: precision is the fraction of them that lies within the manifold of the real ones, recall the fraction of real ones within
/// the manifold of the generated. The manifold of a set is the union of balls around its images, each as wide as the distance to the image's k-th nearest other one.
/// Source: Kynkäänniemi et al., NeurIPS 2019 (arXiv 1904.06991), equations 1 and 2.
/// </summary>
/// <param name="Precision">0 to 1: how many of the generated images look real.</param>
/// <param name="Recall">0 to 1: how much of the variety of the real ones is reached.</param>
public sealed record PrecisionRecall(double Precision, double Recall)
{
    /// <summary>The k of the paper.</summary>
    public const int PaperNeighbors = 3;

    /// <summary>Computes both. Time grows with (N + M)^2 C; memory with N + M.</summary>
    /// <param name="real">Features of the real images, more than <paramref name="neighbors"/> of them.</param>
    /// <param name="generated">Features of the generated ones, of the same network, more than <paramref name="neighbors"/> of them.</param>
    /// <param name="neighbors">k, at least 1. Default 3, as in the paper.</param>
    /// <param name="cancellation">Looked at between images.</param>
    /// <returns>Both figures.</returns>
    /// <exception cref="ArgumentException">A set is too small, or they are of other networks.</exception>
    public static PrecisionRecall Of(FeatureSet real, FeatureSet generated, int neighbors = PaperNeighbors, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(real);
        ArgumentNullException.ThrowIfNull(generated);
        ArgumentOutOfRangeException.ThrowIfLessThan(neighbors, 1);
        if (real.Channels != generated.Channels || Math.Min(real.Count, generated.Count) <= neighbors)
            throw new ArgumentException($"Precision and recall need two sets of more than {neighbors} images in one feature space; got [{real.Count}, {real.Channels}] and [{generated.Count}, {generated.Channels}].");
        return new PrecisionRecall(Covered(generated, real, Radii(real, neighbors, cancellation), cancellation), Covered(real, generated, Radii(generated, neighbors, cancellation), cancellation));
    }

    private static double[] Radii(FeatureSet set, int neighbors, CancellationToken cancellation) => Each(set.Count, index =>
    {
        // The k least distances to other images, in ascending order.
        var least = Enumerable.Repeat(double.PositiveInfinity, neighbors).ToArray();
        for (var other = 0; other < set.Count; other++)
        {
            var distance = other == index ? double.PositiveInfinity : FeatureSet.SquaredDistance(set.Row(index), set.Row(other));
            for (var place = 0; place < neighbors && distance < double.PositiveInfinity; place++)
            {
                if (distance < least[place])
                    (least[place], distance) = (distance, least[place]);
            }
        }

        return least[^1];
    }, cancellation);

    private static double Covered(FeatureSet asked, FeatureSet manifold, double[] radii, CancellationToken cancellation) => Each(asked.Count, index =>
    {
        for (var center = 0; center < manifold.Count; center++)
        {
            if (FeatureSet.SquaredDistance(asked.Row(index), manifold.Row(center)) <= radii[center])
                return 1.0;
        }

        return 0.0;
    }, cancellation).Average();

    private static double[] Each(int count, Func<int, double> value, CancellationToken cancellation) =>
        [.. Enumerable.Range(0, count).AsParallel().AsOrdered().WithCancellation(cancellation).Select(value)];
}
