using Factory.Synthesis.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>
/// What stage 2 takes over from stage 1: weights and biases of the convolutions of the generator's global part and of the discriminator. Norms are left behind:
/// stage 1 has batch norms, stage 2 instance norms. Source: Wang et al., J-BHI 2022 (arXiv 2012.01879); CVPR 2018, section 3.1.
/// </summary>
public static class StageTransfer
{
    /// <summary>What the discriminator's keys begin with in a generator's checkpoint.</summary>
    public const string DiscriminatorPrefix = "discriminator/";

    /// <summary>Copies the convolutions of stage 1 into fresh networks of stage 2.</summary>
    /// <param name="generator">The local enhancer; its own layers stay as they are.</param>
    /// <param name="discriminator">The discriminator.</param>
    /// <param name="stage1">A finished checkpoint of the global generator, which holds its discriminator too.</param>
    /// <returns>Tensors taken: of the published networks 54 and 20.</returns>
    /// <exception cref="CheckpointException">The file is no generator's checkpoint, holds no discriminator, or a tensor is missing or has another shape; the message names it.</exception>
    public static (int Generator, int Discriminator) Apply(LocalEnhancer generator, MultiscaleDiscriminator discriminator, SafeTensorsFile stage1)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(stage1);
        CheckpointMetadata.Check(stage1, CheckpointMetadata.Generator);
        var judge = stage1.Under(DiscriminatorPrefix);
        if (judge.Count == 0)
            throw new CheckpointException("The stage-1 checkpoint holds no discriminator, which stage 2 takes over; train stage 1 with this version.");
        return (
            Copy(Convolutions(generator).Where(c => c.Name.StartsWith(LocalEnhancer.GlobalPrefix, StringComparison.Ordinal)), stage1.Tensors, "stage-1 generator"),
            Copy(Convolutions(discriminator), judge, "stage-1 discriminator"));
    }

    private static IEnumerable<NamedTensor> Convolutions(nn.Module network) =>
        network.named_modules().SelectMany(layer => layer.module switch
        {
            Conv2d conv => [new NamedTensor($"{layer.name}.weight", conv.weight), new NamedTensor($"{layer.name}.bias", conv.bias!)],
            ConvTranspose2d conv => [new NamedTensor($"{layer.name}.weight", conv.weight), new NamedTensor($"{layer.name}.bias", conv.bias!)],
            _ => Array.Empty<NamedTensor>(),
        });

    private static int Copy(IEnumerable<NamedTensor> targets, IReadOnlyDictionary<string, Tensor> from, string what)
    {
        using var guard = no_grad();
        var taken = 0;
        foreach (var (name, target) in targets)
        {
            if (!from.TryGetValue(name, out var source))
                throw new CheckpointException($"The {what} has no '{name}': it is of another architecture than this generator's global part.");
            if (!source.shape.SequenceEqual(target.shape))
                throw new CheckpointException($"The {what}'s '{name}' has shape [{string.Join(", ", source.shape)}], expected [{string.Join(", ", target.shape)}].");
            target.copy_(source);
            taken++;
        }

        return taken;
    }
}
