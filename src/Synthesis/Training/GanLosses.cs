using Factory.Synthesis.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>pix2pixHD's losses: least squares GAN, feature matching, and the perceptual term of VGG19, which is off where no weights for it are given. Source: Wang et al., CVPR 2018.</summary>
public static class GanLosses
{
    // From relu1_1 to relu5_1.
    private static readonly double[] PerceptualWeights = [1 / 32.0, 1 / 16.0, 1 / 8.0, 1 / 4.0, 1];

    /// <summary>Mean squared distance of the patch scores to 1 (real) or 0 (fake), summed over the scales.</summary>
    /// <param name="judged">What <see cref="MultiscaleDiscriminator.Judge"/> returned.</param>
    /// <param name="real">Which of the two to compare with.</param>
    /// <returns>A scalar; the caller's dispose scope disposes it.</returns>
    public static Tensor LeastSquares(IReadOnlyList<IReadOnlyList<Tensor>> judged, bool real) =>
        judged.Select(scale => real ? (scale[^1] - 1).square().mean() : scale[^1].square().mean()).Aggregate((a, b) => a + b);

    /// <summary>Mean absolute distance of the features of fake and real: half the sum over the first four layers, summed over the scales. To be weighed by 10.</summary>
    /// <param name="fake">What the discriminator said of the fake images, with gradients.</param>
    /// <param name="real">What it said of the real ones; detached here.</param>
    /// <returns>A scalar; the caller's dispose scope disposes it.</returns>
    public static Tensor FeatureMatching(IReadOnlyList<IReadOnlyList<Tensor>> fake, IReadOnlyList<IReadOnlyList<Tensor>> real) =>
        fake.Zip(real, (f, r) => f.SkipLast(1).Zip(r, (a, b) => (a - b.detach()).abs().mean()).Aggregate((a, b) => a + b))
            .Aggregate((a, b) => a + b) / MultiscaleDiscriminator.Scales;

    /// <summary>Mean absolute distance of VGG19's features of fake and real, relu1_1 to relu5_1 with weights 1/32, 1/16, 1/8, 1/4 and 1. To be weighed by 10.</summary>
    /// <param name="vgg">The network.</param>
    /// <param name="fake">Generated images, float [N, 3, s, s] in [-1, 1], with gradients.</param>
    /// <param name="real">The real ones.</param>
    /// <returns>A scalar; the caller's dispose scope disposes it.</returns>
    public static Tensor Perceptual(Vgg19Features vgg, Tensor fake, Tensor real)
    {
        ArgumentNullException.ThrowIfNull(vgg);
        IReadOnlyList<Tensor> target;
        using (no_grad())
            target = vgg.Features(real);
        return vgg.Features(fake).Zip(target, (a, b) => (a - b).abs().mean()).Zip(PerceptualWeights, (loss, weight) => loss * weight).Aggregate((a, b) => a + b);
    }
}
