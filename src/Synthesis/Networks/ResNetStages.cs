using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Factory.Synthesis.Networks;

/// <summary>The four stages of a ResNet, and where they dilate instead of striding.</summary>
internal static class ResNetStages
{
    internal static IEnumerable<Sequential> Build(ClassifierArchitecture architecture)
    {
        var bottleneck = architecture.Name == ClassifierArchitecture.ResNet50;
        int[] blocks = bottleneck ? [3, 4, 6, 3] : [2, 2, 2, 2];
        var channels = architecture.Width;
        var reached = 4; // input pixels a cell after the stem
        var dilation = 1;
        for (var stage = 0; stage < blocks.Length; stage++)
        {
            var planes = architecture.Width << stage;
            var stride = stage == 0 ? 1 : 2;
            var firstDilation = dilation;
            if (reached * stride > architecture.OutputStride)
            {
                // The stage keeps its grid; later convolutions reach as far as they did over the coarser grid.
                dilation *= stride;
                stride = 1;
            }

            reached *= stride;
            var layers = new List<(string, Module<Tensor, Tensor>)>();
            for (var block = 0; block < blocks[stage]; block++)
            {
                var d = block == 0 ? firstDilation : dilation;
                layers.Add(($"{block}", new ResidualUnit(channels, planes, block == 0 ? stride : 1, d, bottleneck)));
                channels = planes * (bottleneck ? 4 : 1);
            }

            yield return Sequential(layers);
        }
    }
}

/// <summary>A basic (two 3x3) or bottleneck (1x1, 3x3, 1x1 to four times the planes) residual block.</summary>
internal sealed class ResidualUnit : Module<Tensor, Tensor>
{
    private readonly List<(Conv2d Conv, BatchNorm2d Norm)> _layers = [];
    private readonly Sequential? _downsample;

    internal ResidualUnit(int channels, int planes, int stride, int dilation, bool bottleneck)
        : base(nameof(ResidualUnit))
    {
        var output = bottleneck ? planes * 4 : planes;
        if (bottleneck)
        {
            Add(Conv2d(channels, planes, 1, bias: false), planes);
            Add(Conv2d(planes, planes, 3, stride: stride, padding: dilation, dilation: dilation, bias: false), planes);
            Add(Conv2d(planes, output, 1, bias: false), output);
        }
        else
        {
            Add(Conv2d(channels, planes, 3, stride: stride, padding: dilation, dilation: dilation, bias: false), planes);
            Add(Conv2d(planes, planes, 3, padding: dilation, dilation: dilation, bias: false), planes);
        }

        if (stride != 1 || channels != output)
        {
            _downsample = Sequential(("0", Conv2d(channels, output, 1, stride: stride, bias: false)), ("1", BatchNorm2d(output)));
            register_module("downsample", _downsample);
        }
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input;
        for (var i = 0; i < _layers.Count; i++)
        {
            x = _layers[i].Norm.call(_layers[i].Conv.call(x));
            if (i < _layers.Count - 1)
                x = functional.relu(x, inplace: true);
        }

        x = x.add_(_downsample is null ? input : _downsample.call(input));
        return functional.relu(x, inplace: true).MoveToOuterDisposeScope();
    }

    private void Add(Conv2d conv, int planes)
    {
        var norm = BatchNorm2d(planes);
        _layers.Add((conv, norm));
        register_module($"conv{_layers.Count}", conv);
        register_module($"bn{_layers.Count}", norm);
    }
}
