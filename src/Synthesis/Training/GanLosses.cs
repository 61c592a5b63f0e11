using Factory.Synthesis.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>pix2pixHD's losses: least squares GAN and feature matching. The perceptual (VGG) term is off: no weights for it come with the factory. Source: Wang et al., CVPR 2018.</summary>
public static class GanLosses
{
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
}
