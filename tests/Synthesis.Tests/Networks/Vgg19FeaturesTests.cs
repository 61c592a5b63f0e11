using Factory.Synthesis.Networks;
using TorchSharp;

namespace Factory.Synthesis.Tests.Networks;

public sealed class Vgg19FeaturesTests
{
    [Fact]
    public void Keys_AreTorchvisionsUpToRelu5_1()
    {
        using var vgg = new Vgg19Features();
        var keys = vgg.state_dict();
        keys.Keys.Where(key => key.EndsWith("weight", StringComparison.Ordinal)).ShouldBe(
            new[] { 0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28 }.Select(index => $"features.{index}.weight"));
        keys["features.0.weight"].shape.ShouldBe([64, 3, 3, 3]);
        keys["features.28.weight"].shape.ShouldBe([512, 512, 3, 3]);
        vgg.parameters().ShouldAllBe(parameter => !parameter.requires_grad);
    }

    [Fact]
    public void Load_LeavesOutWhatLiesAbove_AndNamesWhatIsMissing()
    {
        using var vgg = new Vgg19Features(2);
        using var classifier = torch.zeros(4, 4);
        using (var whole = SafeTensors.Read(Bytes([.. Weights.Of(vgg), new("features.30.weight", classifier), new("classifier.0.weight", classifier)])))
        using (var loaded = Vgg19Features.Load(whole))
            loaded.state_dict()["features.5.bias"].bytes.SequenceEqual(vgg.state_dict()["features.5.bias"].bytes).ShouldBeTrue();
        using var damaged = SafeTensors.Read(Bytes([.. Weights.Of(vgg).Where(weight => weight.Name != "features.12.bias")]));
        Should.Throw<CheckpointException>(() => Vgg19Features.Load(damaged)).Message.ShouldContain("features.12.bias");
        using var other = SafeTensors.Read(Bytes([new("fc.weight", classifier)]));
        Vgg19Features.IsThere(other).ShouldBeFalse();
        Should.Throw<CheckpointException>(() => Vgg19Features.Load(other)).Message.ShouldContain("no VGG19");
    }

    private static byte[] Bytes(IReadOnlyList<NamedTensor> tensors)
    {
        using var stream = new MemoryStream();
        SafeTensors.Write(stream, tensors);
        return stream.ToArray();
    }
}
