using Factory.Synthesis.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>
/// Every loss term of one optimization step. The generator learns from <see cref="Gan"/> + weight * <see cref="Features"/> + weight * <see cref="Perceptual"/>,
/// the discriminator from half of <see cref="DiscriminatorFake"/> + <see cref="DiscriminatorReal"/>. The tensors belong to the caller's dispose scope.
/// </summary>
/// <param name="Gan">Least squares distance of the fake's scores to real, with the generator's gradients.</param>
/// <param name="Features">Feature matching, before its weight.</param>
/// <param name="Perceptual">VGG19's term, before its weight; null where it is off.</param>
/// <param name="DiscriminatorFake">Distance of the detached fake's scores to fake.</param>
/// <param name="DiscriminatorReal">Distance of the real's scores to real.</param>
public sealed record GeneratorLosses(Tensor Gan, Tensor Features, Tensor? Perceptual, Tensor DiscriminatorFake, Tensor DiscriminatorReal)
{
    /// <summary>Computes the terms. There is no image pool (the published size is 0): the discriminator sees the fake of the step.</summary>
    /// <param name="generator">The generator, in training mode.</param>
    /// <param name="discriminator">The discriminator, in training mode.</param>
    /// <param name="vgg">For the perceptual term; null: off.</param>
    /// <param name="condition">Float [N, K-1, s, s] in [-1, 1].</param>
    /// <param name="image">Float [N, 3, s, s] in [-1, 1].</param>
    /// <returns>The terms.</returns>
    public static GeneratorLosses Of(ImageGenerator generator, MultiscaleDiscriminator discriminator, Vgg19Features? vgg, Tensor condition, Tensor image)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(discriminator);
        var generated = generator.call(condition);
        var fakeDetached = discriminator.Judge(cat([condition, generated.detach()], 1));
        var real = discriminator.Judge(cat([condition, image], 1));
        // The generator learns through the discriminator, which does not learn from that pass: its weights' gradients are not computed.
        Learn(discriminator, false);
        var fake = discriminator.Judge(cat([condition, generated], 1));
        Learn(discriminator, true);
        return new GeneratorLosses(
            GanLosses.LeastSquares(fake, real: true),
            GanLosses.FeatureMatching(fake, real),
            vgg is null ? null : GanLosses.Perceptual(vgg, generated, image),
            GanLosses.LeastSquares(fakeDetached, real: false),
            GanLosses.LeastSquares(real, real: true));
    }

    /// <summary>What the generator descends.</summary>
    /// <param name="featureWeight">Weight of <see cref="Features"/>.</param>
    /// <param name="perceptualWeight">Weight of <see cref="Perceptual"/>, where there is one.</param>
    /// <returns>A scalar of the caller's dispose scope.</returns>
    public Tensor Generator(double featureWeight, double perceptualWeight)
    {
        var sum = Gan + (Features * featureWeight);
        return Perceptual is null ? sum : sum + (Perceptual * perceptualWeight);
    }

    /// <summary>What the discriminator descends.</summary>
    /// <returns>A scalar of the caller's dispose scope.</returns>
    public Tensor Discriminator() => (DiscriminatorFake + DiscriminatorReal) * 0.5;

    /// <summary>The terms by name, for curves.</summary>
    /// <param name="step">The step, from 0 on, for the message.</param>
    /// <returns>Their values.</returns>
    /// <exception cref="TrainingDivergedException">One is not finite.</exception>
    internal SortedDictionary<string, double> Checked(int step) => LossValues.Checked(
        step, ("gan", Gan), ("features", Features), ("perceptual", Perceptual), ("discriminatorFake", DiscriminatorFake), ("discriminatorReal", DiscriminatorReal));

    private static void Learn(MultiscaleDiscriminator discriminator, bool learns)
    {
        foreach (var parameter in discriminator.parameters())
            parameter.requires_grad = learns;
    }
}
