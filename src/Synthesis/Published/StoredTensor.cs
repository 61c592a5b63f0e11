using Factory.Synthesis.Published.Pickle;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Published;

/// <summary>Reads a checked view of a storage as a tensor of its own.</summary>
internal static class StoredTensor
{
    internal static Tensor Read(string name, PickledTensor view, IStorageBytes storages)
    {
        if (view.Shape.Contains(0))
            return empty(view.Shape, view.Storage.Type);
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var size = view.Storage.ElementBytes;
        var elements = 1 + view.Shape.Zip(view.Strides, (side, stride) => (side - 1) * stride).Sum();
        if (elements * size > int.MaxValue)
            throw new WeightFileException($"Tensor '{StateDictGlobals.Shorten(name)}' spans {elements * size} bytes, at most {int.MaxValue} are read.");
        var span = empty([elements], view.Storage.Type);
        storages.Read(view.Storage.Key, view.Offset * size, span.bytes);
        return span.as_strided(view.Shape, view.Strides).contiguous().MoveToOuterDisposeScope();
    }
}
