using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.Storage.Objects;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Networks;
using TorchSharp;

namespace Factory.GpuWorker.Datasets;

/// <summary>Reads CAMs from blocks; keeps the blocks used last.</summary>
internal sealed class CamStore(IObjectStore objects)
{
    /// <summary>Name of the tensor [n, K, h, w] in a block.</summary>
    public const string TensorName = "cams";

    private const int BlocksKept = 256;
    private readonly Lock _lock = new();
    private readonly Dictionary<Sha256Digest, LinkedListNode<(Sha256Digest Digest, Block Block)>> _blocks = [];
    private readonly LinkedList<(Sha256Digest Digest, Block Block)> _recent = [];

    /// <summary>The CAM of a source. Safe from any thread.</summary>
    /// <param name="source">The source.</param>
    /// <param name="classifier">The classifier whose CAM it must be.</param>
    /// <param name="categories">Number of its channels, K.</param>
    /// <exception cref="PermanentWorkException">The block holds CAMs of another classifier, of other categories, or fewer of them.</exception>
    public Cam Load(CamSource source, Sha256Digest classifier, int categories)
    {
        Block block = Find(source);
        if (block.Classifier != classifier.Hex) throw new PermanentWorkException($"CAM block {source.Block.Digest.Short} holds CAMs of classifier {block.Classifier}, not of {classifier.Hex}.");
        if (source.Row < 0 || source.Row >= block.Cams.Length) throw new PermanentWorkException($"CAM block {source.Block.Digest.Short} has {block.Cams.Length} CAMs; number {source.Row}, counted from 0, was asked for.");
        Cam cam = block.Cams[source.Row];
        return cam.K == categories ? cam : throw new PermanentWorkException($"CAM block {source.Block.Digest.Short} has CAMs of {cam.K} categories; the run has {categories}.");
    }

    private Block Find(CamSource source)
    {
        lock (_lock)
        {
            if (!_blocks.TryGetValue(source.Block.Digest, out var node))
            {
                node = new((source.Block.Digest, Read(source.Block)));
                _blocks.Add(source.Block.Digest, node);
                if (_blocks.Count > BlocksKept)
                {
                    _blocks.Remove(_recent.Last!.Value.Digest);
                    _recent.RemoveLast();
                }
            }
            else
            {
                _recent.Remove(node);
            }
            _recent.AddFirst(node);
            return node.Value.Block;
        }
    }

    /// <summary>A block's bytes.</summary>
    public static byte[] Write(IReadOnlyList<Cam> cams, IReadOnlyDictionary<string, string> metadata)
    {
        Cam first = cams[0];
        using var scope = torch.NewDisposeScope();
        torch.Tensor tensor = torch.tensor([.. cams.SelectMany(cam => cam.Values)], [cams.Count, first.K, first.Height, first.Width]);
        using MemoryStream stream = new();
        SafeTensors.Write(stream, [new(TensorName, tensor)], metadata);
        return stream.ToArray();
    }

    private Block Read(ObjectRef block)
    {
        using SafeTensorsFile file = SafeTensors.Read(objects.ReadAsync(block, CancellationToken.None).GetAwaiter().GetResult());
        torch.Tensor tensor = file.Tensors[TensorName];
        int count = (int)tensor.shape[0], categories = (int)tensor.shape[1], height = (int)tensor.shape[2], width = (int)tensor.shape[3];
        float[] values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.bytes).ToArray();
        int size = categories * height * width;
        return new(file.Require("classifier"), [.. Enumerable.Range(0, count).Select(row => new Cam(categories, height, width, values[(row * size)..((row + 1) * size)]))]);
    }

    private sealed record Block(string Classifier, Cam[] Cams);
}
