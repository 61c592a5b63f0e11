using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;

namespace Factory.Synthesis.Published.Layouts;

/// <summary>pix2pixHD's generators under the published keys (<c>*_net_G.pth</c>), global or with one local enhancer (Wang et al., CVPR 2018).</summary>
internal static class GeneratorLayout
{
    private const string Global = "model";
    private const string Down = "model1_1";
    private const string Up = "model1_2";
    private const int Colors = 3;
    private static readonly int[] ConvolutionsOfBlock = [1, 5];

    /// <summary>The network, or null where the file is none such.</summary>
    internal static NetworkLayout? Recognize(FileShapes shapes)
    {
        if (!shapes.Has($"{Global}.1.weight"))
            return null;
        var local = shapes.Has($"{Down}.1.weight");
        var first = local ? $"{Down}.1.weight" : $"{Global}.1.weight";
        var downsamplings = shapes.Count(i => $"{Global}.{4 + (3 * i)}.weight");
        var architecture = new GeneratorArchitecture
        {
            Ngf = shapes.Side(first, 0),
            InputChannels = shapes.Side(first, 1),
            Downsamplings = downsamplings,
            Blocks = shapes.Count(i => $"{Global}.{4 + (3 * downsamplings) + i}.conv_block.1.weight"),
            LocalBlocks = local ? shapes.Count(i => $"{Up}.{i}.conv_block.1.weight") : null,
            Norm = shapes.Has($"{Global}.2.weight") ? NormKind.Batch : NormKind.Instance,
        };
        if (architecture.Ngf < 1 || architecture.InputChannels < 1 || architecture.Blocks < 1 || architecture.Downsamplings is < 1 or > 6)
            return null;
        var preset = Preset(architecture);
        return new NetworkLayout
        {
            Kind = CheckpointMetadata.Generator,
            Name = (preset ?? architecture).Name,
            Categories = architecture.InputChannels + 1,
            Size = preset?.Size,
            Architecture = size => WithSize(preset ?? architecture, size),
            Keys = [.. Keys(architecture)],
            Colors = [new(LastName(architecture) + ".weight", 0), new(LastName(architecture) + ".bias", 0)],
        };
    }

    /// <summary>Every key and shape of a generator.</summary>
    internal static IEnumerable<LayoutKey> Keys(GeneratorArchitecture a)
    {
        long n = a.Ngf;
        var last = LayoutKey.Convolution(LastName(a), Colors, n, 7);
        return a.LocalBlocks is not { } blocks
            ? [.. Body(a, n), .. last]
            :
            [
                .. Body(a, n * 2), .. Layer(Down, 1, a, n, a.InputChannels, 7), .. Layer(Down, 4, a, n * 2, n, 3),
                .. Blocks(Up, 0, blocks, a, n * 2), .. Layer(Up, blocks, a, n, n * 2, 3, transposed: true), .. last,
            ];
    }

    internal static IEnumerable<LayoutKey> NormKeys(string key, NormKind norm, long channels) => norm == NormKind.Batch ? LayoutKey.BatchNorm(key, channels) : [];

    // Everything up to the last features; each convolution is followed by a norm and a ReLU.
    private static IEnumerable<LayoutKey> Body(GeneratorArchitecture a, long channels)
    {
        var index = 1;
        foreach (var key in Layer(Global, index, a, channels, a.InputChannels, 7))
            yield return key;
        index += 3;
        for (var i = 0; i < a.Downsamplings; i++, index += 3, channels *= 2)
        {
            foreach (var key in Layer(Global, index, a, channels * 2, channels, 3))
                yield return key;
        }

        foreach (var key in Blocks(Global, index, a.Blocks, a, channels))
            yield return key;
        index += a.Blocks;
        for (var i = 0; i < a.Downsamplings; i++, index += 3, channels /= 2)
        {
            foreach (var key in Layer(Global, index, a, channels / 2, channels, 3, transposed: true))
                yield return key;
        }
    }

    private static IEnumerable<LayoutKey> Blocks(string part, int index, int count, GeneratorArchitecture a, long channels) =>
        from block in Enumerable.Range(index, count)
        from at in ConvolutionsOfBlock
        let name = $"{part}.{block}.conv_block"
        from key in LayoutKey.Convolution($"{name}.{at}", channels, channels, 3).Concat(NormKeys($"{name}.{at + 1}", a.Norm, channels))
        select key;

    private static IEnumerable<LayoutKey> Layer(string part, int index, GeneratorArchitecture a, long output, long input, int side, bool transposed = false)
    {
        var name = $"{part}.{index}";
        yield return transposed ? new($"{name}.weight", input, output, side, side) : new($"{name}.weight", output, input, side, side);
        yield return new($"{name}.bias", output);
        foreach (var key in NormKeys($"{part}.{index + 1}", a.Norm, output))
            yield return key;
    }

    private static string LastName(GeneratorArchitecture a) =>
        a.LocalBlocks is { } blocks ? $"{Up}.{blocks + 4}" : $"{Global}.{5 + (6 * a.Downsamplings) + a.Blocks}";

    private static string WithSize(GeneratorArchitecture architecture, int size)
    {
        var sized = architecture with { Size = size, LoadSize = Math.Max(size, size == architecture.Size ? architecture.LoadSize : size) };
        sized.Validate();
        return sized.ToJson();
    }

    // Shapes do not tell the discriminator's width and the sizes of training: the preset's, where it is one.
    private static GeneratorArchitecture? Preset(GeneratorArchitecture a) =>
        GeneratorPresets.Names.Select(name => GeneratorPresets.Find(name, a.InputChannels))
            .FirstOrDefault(p => p.LocalBlocks == a.LocalBlocks && p.Ngf == a.Ngf && p.Downsamplings == a.Downsamplings && p.Blocks == a.Blocks && p.Norm == a.Norm);
}
