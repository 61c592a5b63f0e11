using Factory.Synthesis.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>
/// What the discriminator of a label-conditioned GAN descends: WGAN-GP's critic with AC-GAN's categories. The tensors belong to the caller's dispose scope.
/// Source: Gulrajani et al., NIPS 2017; Karras et al., ICLR 2018, appendix A; Odena et al., ICML 2017.
/// </summary>
/// <param name="Critic">Mean score of the generated images less that of the real ones.</param>
/// <param name="Penalty">Mean square by which the norm of the score's gradient differs from 1, at points between generated and real images; before its weight.</param>
/// <param name="Drift">Mean square of the real images' scores, before its weight.</param>
/// <param name="CategoryReal">Cross entropy of the real images' categories, before its weight.</param>
/// <param name="CategoryFake">Cross entropy of the generated images' categories, before its weight.</param>
public sealed record LabelDiscriminatorLosses(Tensor Critic, Tensor Penalty, Tensor Drift, Tensor CategoryReal, Tensor CategoryFake)
{
    /// <summary>Computes the terms.</summary>
    /// <param name="discriminator">The discriminator.</param>
    /// <param name="real">Real images of the level, float [N, 3, s, s] in [-1, 1].</param>
    /// <param name="fake">Generated ones, detached.</param>
    /// <param name="labels">Category indices of both, int64 [N].</param>
    /// <param name="between">Where between the real (0) and the generated (1) image the gradient is taken, float [N, 1, 1, 1].</param>
    /// <param name="phase">The level, and how far it has faded in.</param>
    /// <returns>The terms.</returns>
    public static LabelDiscriminatorLosses Of(LabelDiscriminator discriminator, Tensor real, Tensor fake, Tensor labels, Tensor between, LabelPhase phase)
    {
        ArgumentNullException.ThrowIfNull(discriminator);
        var (judgedReal, judgedFake) = (discriminator.Judge(real, phase.Level, phase.Alpha), discriminator.Judge(fake, phase.Level, phase.Alpha));
        var (scoreReal, scoreFake) = (LabelLosses.Score(judgedReal), LabelLosses.Score(judgedFake));
        var points = (real + ((fake - real) * between)).detach().requires_grad_(true);
        var score = LabelLosses.Score(discriminator.Judge(points, phase.Level, phase.Alpha)).sum();
        // Unlike in PyTorch, the graph is only kept when that is asked for too.
        var gradient = autograd.grad([score], [points], retain_graph: true, create_graph: true)[0];
        var norm = gradient.square().sum([1, 2, 3]).sqrt();
        return new LabelDiscriminatorLosses(
            scoreFake.mean() - scoreReal.mean(), (norm - 1).square().mean(), scoreReal.square().mean(), LabelLosses.Category(judgedReal, labels), LabelLosses.Category(judgedFake, labels));
    }

    /// <summary>What the discriminator descends.</summary>
    /// <param name="options">The weights.</param>
    /// <returns>A scalar of the caller's dispose scope.</returns>
    public Tensor Total(LabelGeneratorTrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Critic + (Penalty * options.PenaltyWeight) + (Drift * options.DriftWeight) + ((CategoryReal + CategoryFake) * options.CategoryWeight);
    }
}

/// <summary>What the generator of a label-conditioned GAN descends. The tensors belong to the caller's dispose scope.</summary>
/// <param name="Gan">The generated images' mean score, negated.</param>
/// <param name="Category">Cross entropy of their categories, before its weight.</param>
public sealed record LabelGeneratorLosses(Tensor Gan, Tensor Category)
{
    /// <summary>Computes the terms.</summary>
    /// <param name="discriminator">The discriminator.</param>
    /// <param name="fake">Generated images of the level, with the generator's gradients.</param>
    /// <param name="labels">Their category indices, int64 [N].</param>
    /// <param name="phase">The level, and how far it has faded in.</param>
    /// <returns>The terms.</returns>
    public static LabelGeneratorLosses Of(LabelDiscriminator discriminator, Tensor fake, Tensor labels, LabelPhase phase)
    {
        ArgumentNullException.ThrowIfNull(discriminator);
        var judged = discriminator.Judge(fake, phase.Level, phase.Alpha);
        return new LabelGeneratorLosses(-LabelLosses.Score(judged).mean(), LabelLosses.Category(judged, labels));
    }

    /// <summary>What the generator descends.</summary>
    /// <param name="options">The weights.</param>
    /// <returns>A scalar of the caller's dispose scope.</returns>
    public Tensor Total(LabelGeneratorTrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Gan + (Category * options.CategoryWeight);
    }
}

/// <summary>Parts of the losses.</summary>
internal static class LabelLosses
{
    internal static Tensor Score(Tensor judged) => judged.select(1, 0);

    internal static Tensor Category(Tensor judged, Tensor labels) => nn.functional.cross_entropy(judged.narrow(1, 1, judged.shape[1] - 1), labels);

    /// <summary>The terms of a step by name, for curves.</summary>
    /// <exception cref="TrainingDivergedException">One is not finite.</exception>
    internal static SortedDictionary<string, double> Checked(LabelDiscriminatorLosses discriminator, LabelGeneratorLosses generator, int step) => LossValues.Checked(
        step,
        ("critic", discriminator.Critic), ("penalty", discriminator.Penalty), ("drift", discriminator.Drift), ("categoryReal", discriminator.CategoryReal),
        ("categoryFake", discriminator.CategoryFake), ("gan", generator.Gan), ("category", generator.Category));
}
