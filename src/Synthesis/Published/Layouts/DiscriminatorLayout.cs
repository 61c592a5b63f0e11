using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;

namespace Factory.Synthesis.Published.Layouts;

/// <summary>pix2pixHD's discriminator of two scales under the published keys (<c>*_net_D.pth</c>; Wang et al., CVPR 2018).</summary>
internal static class DiscriminatorLayout
{
    private const int Colors = 3;

    /// <summary>The network, or null where the file is none such.</summary>
    internal static NetworkLayout? Recognize(FileShapes shapes)
    {
        if (!shapes.Has("scale0_layer0.0.weight"))
            return null;
        var architecture = new GeneratorArchitecture
        {
            Ndf = shapes.Side("scale0_layer0.0.weight", 0),
            InputChannels = shapes.Side("scale0_layer0.0.weight", 1) - Colors,
            Norm = shapes.Has("scale0_layer1.1.weight") ? NormKind.Batch : NormKind.Instance,
        };
        if (architecture.Ndf < 1 || architecture.InputChannels < 1)
            return null;
        return new NetworkLayout
        {
            Kind = CheckpointMetadata.Discriminator,
            Name = $"discriminator-w{architecture.Ndf}",
            Categories = architecture.InputChannels + 1,
            Architecture = size => WithSize(architecture, size),
            Keys = [.. Keys(architecture)],
            Colors = [.. Enumerable.Range(0, MultiscaleDiscriminator.Scales).Select(s => new ColorAxis($"scale{s}_layer0.0.weight", 1))],
        };
    }

    /// <summary>Every key and shape of a discriminator.</summary>
    internal static IEnumerable<LayoutKey> Keys(GeneratorArchitecture a)
    {
        long n = a.Ndf;
        long[] channels = [a.InputChannels + Colors, n, n * 2, n * 4, n * 8, 1];
        for (var s = 0; s < MultiscaleDiscriminator.Scales; s++)
        {
            for (var j = 0; j < MultiscaleDiscriminator.LayersPerScale; j++)
            {
                var name = $"scale{s}_layer{j}";
                var norm = j is > 0 and < MultiscaleDiscriminator.LayersPerScale - 1 ? a.Norm : NormKind.Instance;
                foreach (var key in LayoutKey.Convolution($"{name}.0", channels[j + 1], channels[j], 4).Concat(GeneratorLayout.NormKeys($"{name}.1", norm, channels[j + 1])))
                    yield return key;
            }
        }
    }

    private static string WithSize(GeneratorArchitecture architecture, int size)
    {
        var sized = architecture with { Size = size, LoadSize = size };
        sized.Validate();
        return sized.ToJson();
    }
}
