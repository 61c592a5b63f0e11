using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Networks;

/// <summary>Moves a module's weights in and out, by state-dict key.</summary>
public static class Weights
{
    /// <summary>The module's parameters and buffers in state-dict order, as they are (no copies).</summary>
    /// <param name="module">The module, which keeps owning the tensors.</param>
    /// <param name="prefix">Put before every key. Default none.</param>
    /// <returns>One entry a parameter and buffer.</returns>
    public static IReadOnlyList<NamedTensor> Of(nn.Module module, string prefix = "") =>
        [.. module.state_dict().Select(entry => new NamedTensor(prefix + entry.Key, entry.Value))];

    /// <summary>Copies of the module's parameters and buffers, on the CPU, which later training does not change.</summary>
    /// <param name="module">The module.</param>
    /// <returns>The copies by key; the caller disposes them.</returns>
    public static IReadOnlyDictionary<string, Tensor> Copy(nn.Module module)
    {
        using var guard = no_grad();
        return module.state_dict().ToDictionary(
            entry => entry.Key,
            entry =>
            {
                using var scope = NewDisposeScope();
                return entry.Value.detach().cpu().clone().MoveToOuterDisposeScope().DetachFromDisposeScope();
            });
    }

    /// <summary>Makes a fresh network ready to be asked: its weights, evaluation mode, its device. Where the weights do not fit it is disposed.</summary>
    /// <param name="network">The network.</param>
    /// <param name="tensors">The weights by key.</param>
    /// <param name="device">Where it is to lie; null: where it is.</param>
    /// <exception cref="CheckpointException">As for <see cref="Load"/>.</exception>
    internal static void LoadForInference(nn.Module network, IReadOnlyDictionary<string, Tensor> tensors, Device? device)
    {
        try
        {
            Load(network, tensors);
        }
        catch
        {
            network.Dispose();
            throw;
        }

        network.eval();
        if (device is not null)
            network.to(device);
    }

    /// <summary>Copies weights into a module. Keys and shapes must be exactly the module's; element types convert.</summary>
    /// <param name="module">The module.</param>
    /// <param name="tensors">The weights by key.</param>
    /// <exception cref="CheckpointException">A key is missing or superfluous, or a shape differs.</exception>
    public static void Load(nn.Module module, IReadOnlyDictionary<string, Tensor> tensors)
    {
        var own = module.state_dict();
        if (own.Keys.FirstOrDefault(k => !tensors.ContainsKey(k)) is { } missing)
            throw new CheckpointException($"The weights lack '{missing}': {tensors.Count} tensors given, {own.Count} expected.");
        if (tensors.Keys.FirstOrDefault(k => !own.ContainsKey(k)) is { } superfluous)
            throw new CheckpointException($"The weights have '{superfluous}', which the network does not: {tensors.Count} tensors given, {own.Count} expected.");

        using var guard = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (key, target) in own)
        {
            var source = tensors[key];
            if (!source.shape.SequenceEqual(target.shape))
                throw new CheckpointException($"Weight '{key}' has shape [{string.Join(", ", source.shape)}], expected [{string.Join(", ", target.shape)}].");
            target.copy_(source);
        }
    }

    /// <summary>The number of trainable parameters of a module.</summary>
    /// <param name="module">The module.</param>
    /// <returns>The sum of the elements of its parameters; buffers do not count.</returns>
    public static long CountParameters(nn.Module module) => module.parameters().Sum(p => p.numel());
}
