using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using static TorchSharp.torch;

namespace Factory.Synthesis.Cams;

/// <summary>Turns condition maps into images.</summary>
public static class Generation
{
    /// <summary>
    /// Generates one image for each condition map: resized to the generator's size by Pillow-equal bicubic, run in evaluation mode without gradients,
    /// and rounded as <see cref="ImageTensors.ToImages"/> says. Equal weights and maps give equal bytes on the same kind of device.
    /// </summary>
    /// <param name="generator">The generator.</param>
    /// <param name="batch">At least one map with the generator's channels, of any size.</param>
    /// <param name="device">The device the generator is on. Default the CPU.</param>
    /// <returns>An image a map, square, of the generator's size.</returns>
    /// <exception cref="ArgumentException">A map has other channels than the generator, or an output is not finite.</exception>
    public static RgbImage[] Generate(ImageGenerator generator, IReadOnlyList<ConditionMap> batch, Device? device = null)
    {
        var architecture = generator.Architecture;
        if (batch.FirstOrDefault(m => m.Channels != architecture.InputChannels) is { } wrong)
            throw new ArgumentException($"A condition map has {wrong.Channels} channels, the generator takes {architecture.InputChannels}: they belong to different category lists.", nameof(batch));
        using var mode = new EvaluationMode(generator);
        using var scope = NewDisposeScope();
        return ImageTensors.ToImages(generator.call(Input(generator, [.. batch.Select(m => m.Resize(architecture.Size))], device)));
    }

    /// <summary>Stacks maps as a generator wants them: on its device, of its weights' type.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="maps">At least one map of the generator's channels and size.</param>
    /// <param name="device">The device the generator is on. Default the CPU.</param>
    /// <returns>[N, K-1, s, s] in [-1, 1]; the caller's dispose scope disposes it.</returns>
    public static Tensor Input(ImageGenerator generator, IReadOnlyList<ConditionMap> maps, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return ConditionMap.ToTensor(maps, device).to(generator.ElementType);
    }
}
