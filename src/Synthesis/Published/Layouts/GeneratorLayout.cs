using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;

namespace Factory.Synthesis.Published.Layouts;

/// <summary>pix2pixHD's global generator under the published keys (<c>*_net_G.pth</c>; Wang et al., CVPR 2018).</summary>
internal static class GeneratorLayout
{
    /// <summary>The network, or null where the file is none such.</summary>
    internal static NetworkLayout? Recognize(FileShapes shapes)
    {
        if (!shapes.Has("model.1.weight") || shapes.Has("model1_1.1.weight"))
            return null;
        var downsamplings = shapes.Count(i => $"model.{4 + (3 * i)}.weight");
        var first = 4 + (3 * downsamplings);
        var architecture = new GeneratorArchitecture
        {
            Ngf = shapes.Side("model.1.weight", 0),
            InputChannels = shapes.Side("model.1.weight", 1),
            Downsamplings = downsamplings,
            Blocks = shapes.Count(i => $"model.{first + i}.conv_block.1.weight"),
            Norm = shapes.Has("model.2.weight") ? NormKind.Batch : NormKind.Instance,
        };
        if (architecture.Ngf < 1 || architecture.InputChannels < 1 || architecture.Blocks < 1 || architecture.Downsamplings is < 1 or > 6)
            return null;
        var output = $"model.{LastIndex(architecture)}";
        return new NetworkLayout
        {
            Kind = CheckpointMetadata.Generator,
            Name = Named(architecture).Name,
            Categories = architecture.InputChannels + 1,
            Architecture = size => WithSize(architecture, size),
            Keys = [.. Keys(architecture)],
            Colors = [new(output + ".weight", 0), new(output + ".bias", 0)],
        };
    }

    /// <summary>Every key and shape of a global generator.</summary>
    internal static IEnumerable<LayoutKey> Keys(GeneratorArchitecture a)
    {
        var index = 1;
        long channels = a.Ngf;
        foreach (var key in Layer(index, a, channels, a.InputChannels, 7, transposed: false))
            yield return key;
        index += 3;
        for (var i = 0; i < a.Downsamplings; i++, index += 3, channels *= 2)
        {
            foreach (var key in Layer(index, a, channels * 2, channels, 3, transposed: false))
                yield return key;
        }

        for (var block = 0; block < a.Blocks; block++, index++)
        {
            foreach (var at in new[] { 1, 5 })
            {
                foreach (var key in LayoutKey.Convolution($"model.{index}.conv_block.{at}", channels, channels, 3).Concat(NormKeys($"model.{index}.conv_block.{at + 1}", a.Norm, channels)))
                    yield return key;
            }
        }

        for (var i = 0; i < a.Downsamplings; i++, index += 3, channels /= 2)
        {
            foreach (var key in Layer(index, a, channels / 2, channels, 3, transposed: true))
                yield return key;
        }

        foreach (var key in LayoutKey.Convolution($"model.{index + 1}", 3, channels, 7))
            yield return key;
    }

    internal static IEnumerable<LayoutKey> NormKeys(string key, NormKind norm, long channels) => norm == NormKind.Batch ? LayoutKey.BatchNorm(key, channels) : [];

    private static IEnumerable<LayoutKey> Layer(int index, GeneratorArchitecture a, long output, long input, int side, bool transposed)
    {
        var name = $"model.{index}";
        yield return transposed ? new($"{name}.weight", input, output, side, side) : new($"{name}.weight", output, input, side, side);
        yield return new($"{name}.bias", output);
        foreach (var key in NormKeys($"model.{index + 1}", a.Norm, output))
            yield return key;
    }

    private static int LastIndex(GeneratorArchitecture a) => 5 + (6 * a.Downsamplings) + a.Blocks;

    private static string WithSize(GeneratorArchitecture architecture, int size)
    {
        var named = Named(architecture);
        var sized = named with { Size = size, LoadSize = Math.Max(size, size == named.Size ? named.LoadSize : size) };
        sized.Validate();
        return sized.ToJson();
    }

    // Shapes do not tell the discriminator's width and the sizes of training: the preset's, where it is one.
    private static GeneratorArchitecture Named(GeneratorArchitecture a) =>
        GeneratorPresets.Names.Select(name => GeneratorPresets.Find(name, a.InputChannels))
            .FirstOrDefault(p => p.LocalBlocks is null && p.Ngf == a.Ngf && p.Downsamplings == a.Downsamplings && p.Blocks == a.Blocks && p.Norm == a.Norm) ?? a;
}
