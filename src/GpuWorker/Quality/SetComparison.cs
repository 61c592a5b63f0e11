using Factory.Contracts.Work;
using Factory.Synthesis.Evaluation;
using TorchSharp;

namespace Factory.GpuWorker.Quality;

/// <summary>The figures of two sets of images. To be computed on the torch thread.</summary>
internal static class SetComparison
{
    /// <summary>Samples, and real images, of a category that has figures of its own. Of fewer, they say more of the sets' size than of the images.</summary>
    public const int LeastOfCategory = 32;

    private const int Decimals = 6;

    /// <summary>Compares samples with real images; figures that the sets are too small for are absent.</summary>
    public static SetFigures Of(FeatureSet samples, FeatureSet images, CancellationToken cancellationToken)
    {
        int least = Math.Min(samples.Count, images.Count);
        using var scope = torch.NewDisposeScope();
        (double Frechet, double Kernel)? distances = least < FeatureDistance.LeastImages ? null : Distances(samples.ToTensor(), images.ToTensor());
        PrecisionRecall? manifolds = least <= PrecisionRecall.PaperNeighbors ? null : PrecisionRecall.Of(images, samples, cancellation: cancellationToken);
        return new()
        {
            Samples = samples.Count,
            Images = images.Count,
            Frechet = Rounded(distances?.Frechet),
            Kernel = Rounded(distances?.Kernel),
            Precision = Rounded(manifolds?.Precision),
            Recall = Rounded(manifolds?.Recall),
        };
    }

    /// <summary>How a score is distributed.</summary>
    public static ScoreSpread Spread(string score, List<double> values)
    {
        List<double> ordered = [.. values.Order()];
        return new() { Score = score, Low = Quantile(0.05), Median = Quantile(0.5), High = Quantile(0.95) };

        double Quantile(double part) => Math.Round(Quantiles.Of(ordered, part), Decimals);
    }

    private static (double Frechet, double Kernel) Distances(torch.Tensor samples, torch.Tensor images) =>
        (Math.Max(0, FeatureDistance.Frechet(samples, images)), FeatureDistance.Kernel(samples, images));

    private static double? Rounded(double? value) => value is { } known ? Math.Round(known, Decimals) : null;
}
