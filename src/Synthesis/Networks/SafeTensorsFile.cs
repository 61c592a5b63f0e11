using static TorchSharp.torch;

namespace Factory.Synthesis.Networks;

/// <summary>The content of one safetensors file: tensors by name, and the string metadata. Owns its tensors.</summary>
public sealed class SafeTensorsFile : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors;

    internal SafeTensorsFile(Dictionary<string, Tensor> tensors, SortedDictionary<string, string> metadata)
    {
        _tensors = tensors;
        Metadata = metadata;
    }

    /// <summary>The tensors on the CPU by name; disposed with this object.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>The <c>__metadata__</c> entries in ordinal order of their keys; empty where the file has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensors whose names start with a prefix, under their names without it; still owned by this object.</summary>
    /// <param name="prefix">The prefix, such as <c>weights/</c>.</param>
    /// <returns>A dictionary, empty where no name starts with the prefix.</returns>
    public IReadOnlyDictionary<string, Tensor> Under(string prefix) =>
        _tensors.Where(t => t.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(t => t.Key[prefix.Length..], t => t.Value);

    /// <summary>A metadata entry that must be there.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Its value.</returns>
    /// <exception cref="SafeTensorsException">The file has no such entry.</exception>
    public string Require(string key) =>
        Metadata.TryGetValue(key, out var value) ? value : throw new SafeTensorsException($"The file's metadata has no entry '{key}'; was it written by the factory?");

    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
        _tensors.Clear();
    }
}
