using System.Globalization;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;

namespace Factory.Synthesis.Published.Layouts;

/// <summary>ResNets under torchvision's keys, alone and as the two streams of an MM-CNN (<c>model1</c> CFP, <c>model2</c> OCT, <c>fc_cat</c>; arXiv 2012.01879).</summary>
internal static class ResNetLayout
{
    private static readonly int[] Stages = [1, 2, 3, 4];
    private static readonly string[] Streams = ["model1.", "model2."];

    /// <summary>The network, or null where the file is none such.</summary>
    /// <exception cref="CheckpointException">It is a ResNet of a depth that the factory does not have.</exception>
    internal static NetworkLayout? Recognize(FileShapes shapes)
    {
        if (shapes.Has("fc_cat.weight") || shapes.Has("model2.conv1.weight"))
            return TwoStream(shapes);
        if (!shapes.Has("conv1.weight") || !shapes.Has("layer1.0.conv1.weight"))
            return null;
        var architecture = Architecture(shapes, shapes.Side("fc.weight", 0));
        return new NetworkLayout
        {
            Kind = CheckpointMetadata.Classifier,
            Name = architecture.Word,
            Categories = architecture.Categories,
            Architecture = size => WithSize(architecture, size),
            Keys = [.. Keys(architecture)],
            Colors = [new("conv1.weight", 1)],
        };
    }

    /// <summary>Every key and shape of a ResNet.</summary>
    internal static IEnumerable<LayoutKey> Keys(ClassifierArchitecture a)
    {
        var bottleneck = a.Name == ClassifierArchitecture.ResNet50;
        int[] blocks = bottleneck ? [3, 4, 6, 3] : [2, 2, 2, 2];
        yield return new("conv1.weight", a.Width, 3, 7, 7);
        foreach (var key in LayoutKey.BatchNorm("bn1", a.Width))
            yield return key;
        long input = a.Width;
        for (var stage = 0; stage < blocks.Length; stage++)
        {
            var planes = (long)a.Width << stage;
            var output = bottleneck ? planes * 4 : planes;
            for (var block = 0; block < blocks[stage]; block++)
            {
                foreach (var key in Block($"layer{stage + 1}.{block}", input, planes, bottleneck, downsamples: block == 0 && (stage > 0 || input != output)))
                    yield return key;
                input = output;
            }
        }

        yield return new("fc.weight", a.Categories, a.FeatureChannels);
        yield return new("fc.bias", a.Categories);
    }

    private static IEnumerable<LayoutKey> Block(string name, long input, long planes, bool bottleneck, bool downsamples)
    {
        var output = bottleneck ? planes * 4 : planes;
        (long Output, long Input, long Side)[] convolutions = bottleneck
            ? [(planes, input, 1), (planes, planes, 3), (output, planes, 1)]
            : [(planes, input, 3), (planes, planes, 3)];
        for (var i = 0; i < convolutions.Length; i++)
        {
            var (to, from, side) = convolutions[i];
            yield return new($"{name}.conv{i + 1}.weight", to, from, side, side);
            foreach (var key in LayoutKey.BatchNorm($"{name}.bn{i + 1}", to))
                yield return key;
        }

        if (!downsamples)
            yield break;
        yield return new($"{name}.downsample.0.weight", output, input, 1, 1);
        foreach (var key in LayoutKey.BatchNorm($"{name}.downsample.1", output))
            yield return key;
    }

    /// <summary>Every key and shape of an MM-CNN.</summary>
    internal static IEnumerable<LayoutKey> TwoStreamKeys(ClassifierArchitecture a)
    {
        foreach (var stream in Streams)
        {
            foreach (var key in Keys(a))
                yield return key with { Key = stream + key.Key };
        }

        yield return new("fc_cat.weight", a.Categories, 2L * a.FeatureChannels);
        yield return new("fc_cat.bias", a.Categories);
    }

    private static NetworkLayout TwoStream(FileShapes shapes)
    {
        var categories = shapes.Side("fc_cat.weight", 0);
        var architecture = Architecture(shapes.Under(Streams[0]), categories) with { TwoStream = true };
        // The streams' own fc decide nothing: a file may lack them, or have left them at the number of categories of what they were trained on before.
        string[] idle = [.. Streams.Select(stream => stream + "fc.").Where(fc => shapes.Side(fc + "weight", 0) != categories)];
        return new NetworkLayout
        {
            Kind = CheckpointMetadata.TwoStream,
            Name = architecture.Word,
            Categories = categories,
            Architecture = size => WithSize(architecture, size),
            Keys = [.. TwoStreamKeys(architecture)],
            Colors = [new("model1.conv1.weight", 1), new("model2.conv1.weight", 1)],
            Idle = key => idle.Any(fc => key.StartsWith(fc, StringComparison.Ordinal)),
        };
    }

    private static ClassifierArchitecture Architecture(FileShapes shapes, int categories)
    {
        var blocks = Stages.Select(stage => shapes.Count(block => $"layer{stage}.{block}.conv1.weight")).ToArray();
        var bottleneck = shapes.Has("layer1.0.conv3.weight");
        var name = (bottleneck, blocks) switch
        {
            (false, [2, 2, 2, 2]) => ClassifierArchitecture.ResNet18,
            (true, [3, 4, 6, 3]) => ClassifierArchitecture.ResNet50,
            _ => throw new CheckpointException($"The file is {Depth(blocks, bottleneck)}; {ClassifierArchitecture.ResNet18} and {ClassifierArchitecture.ResNet50} are there."),
        };
        return categories >= 2 && shapes.Side("conv1.weight", 0) is var width and > 0
            ? new ClassifierArchitecture { Name = name, Width = width, Categories = categories }
            : throw new CheckpointException($"The file is a {name} without a layer that tells categories apart, or with a first layer of no known shape.");
    }

    private static string Depth(int[] blocks, bool bottleneck)
    {
        var layers = 2 + (blocks.Sum() * (bottleneck ? 3 : 2));
        return (blocks, bottleneck) switch
        {
            ([3, 4, 6, 3], false) or ([3, 4, 23, 3] or [3, 8, 36, 3], true) => $"a resnet{layers}",
            _ => string.Create(CultureInfo.InvariantCulture, $"a ResNet of {string.Join(", ", blocks)} {(bottleneck ? "bottleneck" : "basic")} blocks"),
        };
    }

    private static string WithSize(ClassifierArchitecture architecture, int size)
    {
        var sized = architecture with { Size = size };
        sized.Validate();
        return sized.ToJson();
    }
}
