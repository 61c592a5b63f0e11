using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.Storage.Objects;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using TorchSharp;

namespace Factory.GpuWorker.Datasets;

/// <summary>Reads CAMs from blocks, and lesion maps from masks; keeps those used last.</summary>
internal sealed class CamStore(IObjectStore objects)
{
    /// <summary>Name of the tensor [n, K, h, w] in a block.</summary>
    public const string TensorName = "cams";

    private const int BlocksKept = 256;
    private const long MapBytesKept = 64 << 20;
    private readonly RecentlyUsed<string, Cam> _maps = new(MapBytesKept);
    private readonly Lock _lock = new();
    private readonly Dictionary<Sha256Digest, LinkedListNode<(Sha256Digest Digest, Block Block)>> _blocks = [];
    private readonly LinkedList<(Sha256Digest Digest, Block Block)> _recent = [];

    /// <summary>The CAM or lesion map of a source. Safe from any thread.</summary>
    /// <param name="source">The source.</param>
    /// <param name="basis">What it must be.</param>
    /// <exception cref="PermanentWorkException">It is another: of another classifier, of other categories, without masks or with masks of another size.</exception>
    public Cam Load(CamSource source, ConditionBasis basis)
    {
        if (basis.Lesions is { } lesions) return LoadLesions(source, lesions);
        ObjectRef at = source.Block ?? throw new PermanentWorkException($"image {source.Image.Digest.Short} has lesion masks and no CAM; a CAM was asked for.");
        Block block = Find(at);
        string classifier = basis.Classifier!.Digest.Hex;
        if (block.Classifier != classifier) throw new PermanentWorkException($"CAM block {at.Digest.Short} holds CAMs of classifier {block.Classifier}, not of {classifier}.");
        if (source.Row < 0 || source.Row >= block.Cams.Length) throw new PermanentWorkException($"CAM block {at.Digest.Short} has {block.Cams.Length} CAMs; number {source.Row}, counted from 0, was asked for.");
        Cam cam = block.Cams[source.Row];
        return cam.K == basis.Categories.Count ? cam : throw new PermanentWorkException($"CAM block {at.Digest.Short} has CAMs of {cam.K} categories; the run has {basis.Categories.Count}.");
    }

    private Cam LoadLesions(CamSource source, LesionMapSpec lesions)
    {
        IReadOnlyDictionary<string, ObjectRef> named = source.Lesions ?? throw new PermanentWorkException($"image {source.Image.Digest.Short} has a CAM and no lesion masks; a lesion map was asked for.");
        ObjectRef?[] masks = [.. lesions.Kinds.Select(kind => named.GetValueOrDefault(kind))];
        string key = $"{lesions.Grid}:{string.Join(',', masks.Select(mask => mask?.Digest.Hex))}";
        if (_maps.TryGet(key, out Cam? kept)) return kept;
        (int width, int height) = (0, 0);
        Cam map = LesionMap.FromMasks([.. masks.Select(Plane)], Math.Max(height, lesions.Grid), Math.Max(width, lesions.Grid), lesions.Grid);
        _maps.Add(key, map, map.Values.Length * sizeof(float));
        return map;

        byte[]? Plane(ObjectRef? mask)
        {
            if (mask is null) return null;
            RgbImage image = ImageCache.Decode(objects.ReadAsync(mask, CancellationToken.None).GetAwaiter().GetResult());
            if (width != 0 && (image.Width, image.Height) != (width, height)) throw new PermanentWorkException($"lesion mask {mask.Digest.Short} is {image.Width}x{image.Height}, another of image {source.Image.Digest.Short} is {width}x{height}.");
            (width, height) = (image.Width, image.Height);
            byte[] plane = new byte[width * height];
            for (int pixel = 0; pixel < plane.Length; pixel++) plane[pixel] = image.Pixels[pixel * 3];
            return plane;
        }
    }

    private Block Find(ObjectRef at)
    {
        lock (_lock)
        {
            if (!_blocks.TryGetValue(at.Digest, out var node))
            {
                node = new((at.Digest, Read(at)));
                _blocks.Add(at.Digest, node);
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
