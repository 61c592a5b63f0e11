using System.Text.Json;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Published;
using Factory.Synthesis.Published.Layouts;
using Factory.Synthesis.Tests.Networks;
using Factory.Synthesis.Training;
using TorchSharp;

namespace Factory.Synthesis.Tests.Published;

public sealed class PublishedWeightsTests
{
    private static readonly string Digest = new('a', 64);

    [Theory]
    [InlineData("resnet18.pth", "resnet18", "")]
    [InlineData("resnet18_script.pt", "resnet18", "")]
    [InlineData("resnet18_parallel_half_legacy.pth", "resnet18_half", "prefix 'module.'|102 weights were turned from Float16")]
    [InlineData("resnet18_double_strided_no_counters.pth", "resnet18", "102 weights were turned from Float64|20 counters")]
    public void Classifier_AnswersAsInPyTorch(string file, string answer, string changes)
    {
        using var scope = torch.NewDisposeScope();
        var (weights, bytes) = Import(file, Options(64));
        (weights.Kind, weights.Name, weights.Categories).ShouldBe(("classifier", "resnet18-w2-s32", 4));
        string[] expected = changes.Length == 0 ? [] : changes.Split('|');
        weights.Changes.Count.ShouldBe(expected.Length, string.Join('\n', weights.Changes));
        foreach (var change in expected)
            weights.Changes.ShouldContain(line => line.Contains(change, StringComparison.Ordinal));
        using var checkpoint = ClassifierCheckpoint.Load(bytes);
        using var guard = torch.no_grad();
        checkpoint.Network.call(GoldenWeights.Input(64)).ShouldAnswer(answer, 1e-5);
    }

    [Fact]
    public void BgrClassifier_TakesRgb()
    {
        using var scope = torch.NewDisposeScope();
        var (weights, bytes) = Import("resnet18.pth", Options(64) with { Bgr = true });
        weights.Changes.ShouldHaveSingleItem().ShouldContain("BGR into RGB in conv1.weight");
        using var checkpoint = ClassifierCheckpoint.Load(bytes);
        using var guard = torch.no_grad();
        checkpoint.Network.call(GoldenWeights.Input(64)).ShouldAnswer("resnet18_bgr", 1e-5);
    }

    [Theory]
    [InlineData("batch")]
    [InlineData("instance")]
    public void Generator_AnswersAsInPyTorch(string norm)
    {
        using var scope = torch.NewDisposeScope();
        var (weights, bytes) = Import($"{norm}_net_G.pth", Options(64) with { Classifier = Digest });
        (weights.Kind, weights.Categories).ShouldBe(("generator", 4));
        using var checkpoint = GeneratorCheckpoint.Load(bytes);
        checkpoint.Annotations["classifier"].ShouldBe(Digest);
        checkpoint.Network.Architecture.ShouldBe(new() { Ngf = 2, Downsamplings = 2, Blocks = 2, Norm = norm == "batch" ? NormKind.Batch : NormKind.Instance, Size = 64, LoadSize = 64 });
        using var guard = torch.no_grad();
        checkpoint.Network.call(GoldenWeights.Input(64)).ShouldAnswer($"generator_{norm}", 1e-4);
    }

    [Fact]
    public void LocalEnhancer_AnswersAsInPyTorch()
    {
        using var scope = torch.NewDisposeScope();
        var (weights, bytes) = Import("local_net_G.pth", Options(64) with { Classifier = Digest });
        (weights.Kind, weights.Categories, weights.Size).ShouldBe(("generator", 4, null));
        using var checkpoint = GeneratorCheckpoint.Load(bytes);
        checkpoint.Network.Architecture.ShouldBe(new() { Ngf = 2, Downsamplings = 2, Blocks = 2, LocalBlocks = 1, Size = 64, LoadSize = 64 });
        using var guard = torch.no_grad();
        checkpoint.Network.call(GoldenWeights.Input(64)).ShouldAnswer("generator_local", 1e-4);
    }

    [Fact]
    public void Vgg19_AnswersAsInPyTorch_WithoutWhatLiesAbove()
    {
        using var scope = torch.NewDisposeScope();
        var (weights, bytes) = Import("vgg19.pth", Options(224) with { CategoryNames = [] });
        (weights.Kind, weights.Name, weights.Size).ShouldBe(("perceptual", "vgg19", 224));
        weights.Changes.ShouldHaveSingleItem().ShouldBe("2 weights that are not used were left out: features.30.weight, classifier.0.bias");
        using var file = SafeTensors.Read(bytes);
        using var vgg = Vgg19Features.Load(file);
        using var guard = torch.no_grad();
        vgg.Features(GoldenWeights.Input(64))[^1].ShouldAnswer("vgg19", 1e-4);
    }

    [Fact]
    public void BgrGenerator_PaintsRgb()
    {
        using var scope = torch.NewDisposeScope();
        using var guard = torch.no_grad();
        using var plain = GeneratorCheckpoint.Load(Import("batch_net_G.pth", Options(64)).Bytes);
        using var turned = GeneratorCheckpoint.Load(Import("batch_net_G.pth", Options(64) with { Bgr = true }).Bytes);
        var input = GoldenWeights.Input(64);
        turned.Network.call(input).allclose(plain.Network.call(input).flip([1]), atol: 1e-6).ShouldBeTrue();
    }

    [Fact]
    public void Discriminator_IsRecognized_AndBgrTurnsTheImageOnly()
    {
        using var scope = torch.NewDisposeScope();
        using var file = WeightFile.Open(Fixtures.PathOf("batch_net_D.pth"));
        var (weights, bytes) = Import("batch_net_D.pth", Options(64) with { Bgr = true });
        (weights.Kind, weights.Name, weights.Categories).ShouldBe(("discriminator", "discriminator-w1", 4));
        using var written = SafeTensors.Read(bytes);
        var (before, after) = (file.Read("scale1_layer0.0.weight"), written.Tensors["scale1_layer0.0.weight"]);
        foreach (var (from, to) in new[] { (0, 0), (1, 1), (2, 2), (3, 5), (4, 4), (5, 3) })
            after.select(1, to).allclose(before.select(1, from)).ShouldBeTrue();
    }

    [Fact]
    public void GeneratorWithItsDiscriminator_CanGoIntoASecondStage()
    {
        using var scope = torch.NewDisposeScope();
        using var file = WeightFile.Open(Fixtures.PathOf("batch_net_D.pth"));
        var judge = PublishedWeights.Recognize(file);
        var (weights, bytes) = Import("batch_net_G.pth", Options(64) with { Classifier = Digest, Bgr = true, Discriminator = new(judge, Digest) });
        weights.Changes.Count(change => change.StartsWith("discriminator: channels were turned from BGR into RGB", StringComparison.Ordinal)).ShouldBe(1);
        using var stage1 = SafeTensors.Read(bytes);
        GeneratorCheckpoint.HasDiscriminator(stage1).ShouldBeTrue();
        using var checkpoint = GeneratorCheckpoint.Load(bytes);
        checkpoint.Network.Architecture.Ndf.ShouldBe(1);
        CheckpointOrigin.Of(stage1.Metadata)!.Discriminator.ShouldBe(Digest);

        var local = new GeneratorArchitecture { Ngf = 1, Downsamplings = 2, Blocks = 2, LocalBlocks = 1, Ndf = 1, Norm = NormKind.Instance, Size = 64, LoadSize = 64 };
        using var enhancer = (LocalEnhancer)ImageGenerator.Create(local, new Rng(1));
        using var second = new MultiscaleDiscriminator(local, new Rng(2));
        StageTransfer.Apply(enhancer, second, stage1).Discriminator.ShouldBe(20);
        second.state_dict()["scale0_layer1.0.weight"].allclose(file.Read("scale0_layer1.0.weight")).ShouldBeTrue();
    }

    [Fact]
    public void Origin_IsKept_AndImportingTwiceGivesEqualBytes()
    {
        var (_, bytes) = Import("resnet18_parallel_half_legacy.pth", Options(64));
        Import("resnet18_parallel_half_legacy.pth", Options(64)).Bytes.ShouldBe(bytes);
        using var checkpoint = ClassifierCheckpoint.Load(bytes);
        using var origin = JsonDocument.Parse(checkpoint.Annotations["origin"]);
        origin.RootElement.GetProperty("sha256").GetString().ShouldBe(Digest);
        origin.RootElement.GetProperty("format").GetString().ShouldBe("torch-legacy");
        origin.RootElement.GetProperty("changes").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public void Layout_HasTheOrderOfPyTorch()
    {
        using var file = WeightFile.Open(Fixtures.PathOf("resnet18.pth"));
        ResNetLayout.Keys(new() { Width = 2, Categories = 4 }).Select(key => key.Key).ShouldBe(file.Entries.Keys);
        using var two = WeightFile.Open(Fixtures.PathOf("mm_cnn.pth"));
        ResNetLayout.TwoStreamKeys(new() { Width = 1, Categories = 4 }).Select(key => key.Key).ShouldBe(two.Entries.Keys);
        using var generator = WeightFile.Open(Fixtures.PathOf("batch_net_G.pth"));
        GeneratorLayout.Keys(new() { Ngf = 2, Downsamplings = 2, Blocks = 2 }).Select(key => key.Key).ShouldBe(generator.Entries.Keys);
    }

    [Fact]
    public void Layouts_AreTheNetworks()
    {
        foreach (var name in new[] { ClassifierArchitecture.ResNet18, ClassifierArchitecture.ResNet50 })
        {
            var architecture = new ClassifierArchitecture { Name = name, Width = 2, Categories = 3, Size = 64 };
            using var network = new ResNet(architecture, null);
            ShouldBeOf(ResNetLayout.Keys(architecture), network);
            using var two = new TwoStreamNetwork(architecture with { TwoStream = true }, null);
            ShouldBeOf(ResNetLayout.TwoStreamKeys(architecture), two);
        }

        foreach (var norm in new[] { NormKind.Batch, NormKind.Instance })
        {
            var architecture = new GeneratorArchitecture { Ngf = 2, Ndf = 2, Downsamplings = 3, Blocks = 2, InputChannels = 4, Norm = norm };
            using var generator = new GlobalGenerator(architecture, null);
            ShouldBeOf(GeneratorLayout.Keys(architecture), generator);
            var stage2 = architecture with { LocalBlocks = 2, Size = 64 };
            using var enhancer = new LocalEnhancer(stage2, null);
            ShouldBeOf(GeneratorLayout.Keys(stage2), enhancer);
            using var discriminator = new MultiscaleDiscriminator(architecture, null);
            ShouldBeOf(DiscriminatorLayout.Keys(architecture), discriminator);
        }
    }

    [Fact]
    public void WhatDoesNotFit_IsNamedKeyByKey()
    {
        using var scope = torch.NewDisposeScope();
        var message = Misfit(state =>
        {
            foreach (var key in state.Keys.Where(k => k.StartsWith("layer4.1", StringComparison.Ordinal)).ToList())
                state.Remove(key == "layer4.1.conv1.weight" ? "" : key);
            state["extra"] = torch.zeros(1);
            state["fc.weight"] = torch.zeros(4, 7);
        });
        message.ShouldContain("looks like a classifier (resnet18-w2-s32)");
        message.ShouldContain("missing layer4.1.bn1.weight, layer4.1.bn1.bias, layer4.1.bn1.running_mean, layer4.1.bn1.running_var, layer4.1.conv2.weight and 4 more");
        message.ShouldContain("unexpected extra");
        message.ShouldContain("of another shape fc.weight [4, 7], expected [4, 16]");
        message.ShouldNotContain("\n");
    }

    [Theory]
    [InlineData("resnet34")]
    [InlineData("nothing")]
    public void OtherNetwork_IsNamed(string what)
    {
        using var scope = torch.NewDisposeScope();
        var message = Misfit(state =>
        {
            if (what == "resnet34")
            {
                foreach (var key in new[] { "layer1.2", "layer2.2", "layer2.3", "layer3.2", "layer3.3", "layer3.4", "layer3.5", "layer4.2" })
                    state[key + ".conv1.weight"] = torch.zeros(1);
            }
            else
                state.Remove("conv1.weight");
        });
        message.ShouldContain(what == "resnet34" ? "is a resnet34; resnet18 and resnet50 are there" : "of no network that the factory has");
    }

    [Fact]
    public void OtherCategoryCount_IsRefused() =>
        Should.Throw<CheckpointException>(() => Import("resnet18.pth", Options(64) with { CategoryNames = ["a", "b"] }))
            .Message.ShouldContain("for 4 categories, but 2 are named: a, b");

    [Theory]
    [InlineData(float.NaN, "layer1.0.conv1.weight")]
    [InlineData(float.PositiveInfinity, "bn1.running_var")]
    public void WeightsThatAreNotFinite_AreRefused(float value, string key)
    {
        using var scope = torch.NewDisposeScope();
        var bytes = Edited(state => state[key] = state[key].index_fill(0, torch.tensor([0L]), value));
        using var file = WeightFile.Open(new MemoryStream(bytes));
        Should.Throw<CheckpointException>(() => PublishedWeights.Recognize(file).Write(Stream.Null, Options(64))).Message.ShouldContain($"'{key}' has ");
    }

    [Fact]
    public void QuantizedWeights_AreRefused()
    {
        using var scope = torch.NewDisposeScope();
        using var file = WeightFile.Open(new MemoryStream(Edited(state => state["fc.weight"] = state["fc.weight"].to(torch.ScalarType.Int8))));
        Should.Throw<CheckpointException>(() => PublishedWeights.Recognize(file).Write(Stream.Null, Options(64))).Message.ShouldContain("quantized");
    }

    [Fact]
    public void Import_LeavesNoTensor()
    {
        Import("resnet18.pth", Options(64));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Import("resnet18.pth", Options(64));
        Import("resnet18_double_strided_no_counters.pth", Options(64) with { Bgr = true });
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(before);
    }

    private static PublishedOptions Options(int size) => new() { CategoryNames = ["Normal", "DryAmd", "Pcv", "WetAmd"], Background = 0, Size = size, Origin = Digest };

    private static (PublishedWeights Weights, byte[] Bytes) Import(string fixture, PublishedOptions options)
    {
        using var file = WeightFile.Open(Fixtures.PathOf(fixture));
        var weights = PublishedWeights.Recognize(file);
        using var stream = new MemoryStream();
        weights.Write(stream, options);
        return (weights, stream.ToArray());
    }

    private static string Misfit(Action<Dictionary<string, torch.Tensor>> edit)
    {
        using var file = WeightFile.Open(new MemoryStream(Edited(edit)));
        return Should.Throw<CheckpointException>(() => PublishedWeights.Recognize(file)).Message;
    }

    private static byte[] Edited(Action<Dictionary<string, torch.Tensor>> edit)
    {
        using var file = WeightFile.Open(Fixtures.PathOf("resnet18.pth"));
        var state = file.Entries.Keys.ToDictionary(key => key, file.Read);
        edit(state);
        using var stream = new MemoryStream();
        SafeTensors.Write(stream, state.Select(entry => new NamedTensor(entry.Key, entry.Value)));
        return stream.ToArray();
    }

    private static void ShouldBeOf(IEnumerable<LayoutKey> keys, torch.nn.Module network) =>
        keys.Select(key => $"{key.Key} [{string.Join(", ", key.Shape)}]").Order(StringComparer.Ordinal)
            .ShouldBe(network.state_dict().Select(entry => $"{entry.Key} [{string.Join(", ", entry.Value.shape)}]").Order(StringComparer.Ordinal));
}
