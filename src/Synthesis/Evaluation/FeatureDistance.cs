using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Evaluation;

/// <summary>
/// How far two sets of images lie apart in the feature space of a classifier: its last feature maps, averaged over the image. Figures of another feature space,
/// Inception's above all, are not comparable; nor are those of sets of other sizes, the Fréchet distance above all, which is biased upwards by small sets.
/// Sources: Heusel et al., NIPS 2017 (FID); Binkowski et al., ICLR 2018 (KID).
/// </summary>
public static class FeatureDistance
{
    /// <summary>Least images of a set.</summary>
    public const int LeastImages = 2;

    /// <summary>Computes the features of images, resized to the network's size by Pillow-equal bicubic, in evaluation mode.</summary>
    /// <param name="network">The classifier; its mode is put back.</param>
    /// <param name="images">At least one image.</param>
    /// <param name="batchSize">Images at once, at least 1. Default 8.</param>
    /// <param name="device">The device the network is on. Default the CPU.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <returns>Float64 [N, C] on the CPU; the caller, or its dispose scope, disposes it.</returns>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public static Tensor Features(ResNet network, IReadOnlyList<RgbImage> images, int batchSize = 8, Device? device = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        var size = network.Architecture.Size;
        using var mode = new EvaluationMode(network);
        using var scope = NewDisposeScope();
        var rows = new List<Tensor>();
        foreach (var chunk in images.Chunk(batchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var batch = ImageTensors.ToTensor([.. chunk.Select(image => PilResize.Bicubic(image, size, size))], device);
            rows.Add(network.Features(batch).mean([2, 3]).to(ScalarType.Float64).cpu().MoveToOuterDisposeScope());
        }

        return cat(rows).MoveToOuterDisposeScope();
    }

    /// <summary>Fréchet distance of the normal distributions that fit the two sets: |m - n|^2 + tr(S + T - 2 (S T)^(1/2)), covariances over N - 1.</summary>
    /// <param name="a">Float64 [N, C], N at least 2.</param>
    /// <param name="b">Float64 [M, C], M at least 2.</param>
    /// <returns>At least 0, up to rounding.</returns>
    /// <exception cref="ArgumentException">The shapes do not serve.</exception>
    public static double Frechet(Tensor a, Tensor b)
    {
        Check(a, b);
        using var scope = NewDisposeScope();
        var (centeredA, centeredB) = (a - a.mean([0], keepdim: true), b - b.mean([0], keepdim: true));
        var means = (a.mean([0]) - b.mean([0])).square().sum().item<double>();
        var (scaledA, scaledB) = (centeredA / Math.Sqrt(a.shape[0] - 1), centeredB / Math.Sqrt(b.shape[0] - 1));
        // tr (S T)^(1/2) is the sum of the singular values of A B^T, where S = A^T A and T = B^T B: [N, M] instead of [C, C], and no root of a singular matrix.
        var shared = linalg.svdvals(scaledA.matmul(scaledB.t())).sum().item<double>();
        return means + scaledA.square().sum().item<double>() + scaledB.square().sum().item<double>() - (2 * shared);
    }

    /// <summary>Kernel distance: the unbiased squared maximum mean discrepancy under the kernel (x.y / C + 1)^3, over all images at once.</summary>
    /// <param name="a">Float64 [N, C], N at least 2.</param>
    /// <param name="b">Float64 [M, C], M at least 2.</param>
    /// <returns>About 0 for sets of one distribution, below it by chance.</returns>
    /// <exception cref="ArgumentException">The shapes do not serve.</exception>
    public static double Kernel(Tensor a, Tensor b)
    {
        Check(a, b);
        using var scope = NewDisposeScope();
        var (n, m) = (a.shape[0], b.shape[0]);
        return (OffDiagonal(a) / (n * (n - 1))) + (OffDiagonal(b) / (m * (m - 1))) - (2 * Polynomial(a, b).mean().item<double>());
    }

    private static double OffDiagonal(Tensor x)
    {
        var kernel = Polynomial(x, x);
        return (kernel.sum() - kernel.diagonal().sum()).item<double>();
    }

    private static Tensor Polynomial(Tensor x, Tensor y) => ((x.matmul(y.t()) / x.shape[1]) + 1).pow(3);

    private static void Check(Tensor a, Tensor b)
    {
        if (a.dim() != 2 || b.dim() != 2 || a.shape[1] != b.shape[1] || a.shape[0] < LeastImages || b.shape[0] < LeastImages)
            throw new ArgumentException($"Features need shapes [N, C] and [M, C], N and M at least {LeastImages}; got [{string.Join(", ", a.shape)}] and [{string.Join(", ", b.shape)}].");
    }
}
