using Factory.Contracts;
using Factory.Contracts.Work;
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
    private readonly Dictionary<Sha256Digest, LinkedListNode<(Sha256Digest Digest, Cam[] Cams)>> _blocks = [];
    private readonly LinkedList<(Sha256Digest Digest, Cam[] Cams)> _recent = [];

    /// <summary>The CAM of a source. Safe from any thread.</summary>
    public Cam Load(CamSource source)
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
            return node.Value.Cams[source.Row];
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

    private Cam[] Read(ObjectRef block)
    {
        using SafeTensorsFile file = SafeTensors.Read(objects.ReadAsync(block, CancellationToken.None).GetAwaiter().GetResult());
        torch.Tensor tensor = file.Tensors[TensorName];
        int count = (int)tensor.shape[0], categories = (int)tensor.shape[1], height = (int)tensor.shape[2], width = (int)tensor.shape[3];
        float[] values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.bytes).ToArray();
        int size = categories * height * width;
        return [.. Enumerable.Range(0, count).Select(row => new Cam(categories, height, width, values[(row * size)..((row + 1) * size)]))];
    }
}
