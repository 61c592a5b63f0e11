using System.Globalization;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;

namespace Factory.Synthesis.Published.Layouts;

/// <summary>VGG19 under torchvision's keys, up to relu5_1: what the perceptual loss looks at. What lies above is left out.</summary>
internal static class Vgg19Layout
{
    private const int Last = 28;
    private const int Stages = 5;

    private static readonly (int Index, int Stage)[] Convolutions =
        [(0, 0), (2, 0), (5, 1), (7, 1), (10, 2), (12, 2), (14, 2), (16, 2), (19, 3), (21, 3), (23, 3), (25, 3), (Last, Stages - 1)];

    /// <summary>The network, or null where the file is none such.</summary>
    internal static NetworkLayout? Recognize(FileShapes shapes)
    {
        if (!shapes.Has("features.0.weight") || !shapes.Has($"features.{Last}.weight") || shapes.Side("features.0.weight", 0) is not (> 0 and var width))
            return null;
        return new NetworkLayout
        {
            Kind = CheckpointMetadata.Perceptual,
            Name = Vgg19Features.Name,
            Categories = 0,
            Size = Vgg19Features.PublishedSize,
            Architecture = _ => Vgg19Features.Name,
            Keys = [.. Keys(width)],
            Colors = [new("features.0.weight", 1)],
            LeftOut = LiesAbove,
        };
    }

    /// <summary>Every key and shape up to relu5_1.</summary>
    internal static IEnumerable<LayoutKey> Keys(int width)
    {
        long input = 3;
        foreach (var (index, stage) in Convolutions)
        {
            var output = (long)width * Math.Min(1 << stage, 8);
            foreach (var key in LayoutKey.Convolution($"features.{index}", output, input, 3))
                yield return key;
            input = output;
        }
    }

    private static bool LiesAbove(string key) =>
        key.Split('.') is ["classifier", ..] || (key.Split('.') is ["features", var index, ..] && int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var layer) && layer > Last);
}
