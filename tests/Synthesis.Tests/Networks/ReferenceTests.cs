using System.Text.Json;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;
using TorchSharp;

namespace Factory.Synthesis.Tests.Networks;

/// <summary>Compares networks, losses and gradients with tests/fixtures/networks/reference.py: the same networks written for PyTorch, with the same weights and inputs.</summary>
public sealed class ReferenceTests
{
    private static readonly JsonElement Fixtures =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "tests", "fixtures", "networks", "networks.json"))).RootElement;

    public static TheoryData<int> Outputs => [.. Enumerable.Range(0, Fixtures.GetProperty("outputs").GetArrayLength())];

    public static TheoryData<int> Steps => [.. Enumerable.Range(0, Fixtures.GetProperty("steps").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Outputs))]
    public void Generator_GivesTheReferencesOutput(int index)
    {
        using var scope = torch.NewDisposeScope();
        using var guard = torch.no_grad();
        var expected = Fixtures.GetProperty("outputs")[index];
        var size = expected.GetProperty("size").GetInt32();
        using var generator = ImageGenerator.Create(ArchitectureOf(expected), null);
        generator.eval();
        GoldenWeights.Fill(generator);
        generator.state_dict().Count.ShouldBe(expected.GetProperty("keys").GetInt32());
        var y = generator.call(GoldenWeights.Input(size));
        y.mean().item<float>().ShouldBe(expected.GetProperty("mean").GetSingle(), 2e-4f);
        y.std(unbiased: false).item<float>().ShouldBe(expected.GetProperty("std").GetSingle(), 2e-4f);
        for (var i = 0; i < 3; i++)
        {
            y[0, 0, 0, i].item<float>().ShouldBe(expected.GetProperty("first")[i].GetSingle(), 2e-4f);
            y[0, 2, size - 1, size - 3 + i].item<float>().ShouldBe(expected.GetProperty("last")[i].GetSingle(), 2e-4f);
        }
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void OneStepInFloat64_HasTheReferencesLossesAndGradients(int index)
    {
        using var scope = torch.NewDisposeScope();
        var expected = Fixtures.GetProperty("steps")[index];
        var local = expected.GetProperty("local").GetBoolean();
        var architecture = new GeneratorArchitecture
        {
            Ngf = local ? 2 : 4,
            Downsamplings = 2,
            Blocks = 1,
            LocalBlocks = local ? 1 : null,
            Ndf = 4,
            Size = 64,
            LoadSize = 64,
            Norm = Enum.Parse<NormKind>(expected.GetProperty("norm").GetString()!, ignoreCase: true),
        };
        using var generator = ImageGenerator.Create(architecture, null);
        using var discriminator = new MultiscaleDiscriminator(architecture, null);
        using var vgg = expected.GetProperty("vggWidth").ValueKind == JsonValueKind.Null ? null : new Vgg19Features(expected.GetProperty("vggWidth").GetInt32());
        foreach (var network in new torch.nn.Module?[] { generator, discriminator, vgg }.OfType<torch.nn.Module>())
        {
            GoldenWeights.Fill(network);
            network.to(torch.ScalarType.Float64);
        }

        var (condition, image) = (GoldenWeights.Input(99, 2, 64).to(torch.ScalarType.Float64), GoldenWeights.Input(98, 2, 64).to(torch.ScalarType.Float64));
        var losses = GeneratorLosses.Of(generator, discriminator, vgg, condition, image);
        losses.Generator(10, 10).backward();
        losses.Discriminator().backward();

        foreach (var (name, loss) in new[] { ("gan", losses.Gan), ("features", losses.Features), ("perceptual", losses.Perceptual), ("discriminatorFake", losses.DiscriminatorFake), ("discriminatorReal", losses.DiscriminatorReal) })
        {
            if (loss is not null)
                loss.item<double>().ShouldBe(expected.GetProperty("losses").GetProperty(name).GetDouble(), 1e-10, name);
        }

        expected.GetProperty("losses").TryGetProperty("perceptual", out _).ShouldBe(losses.Perceptual is not null);
        var gradients = expected.GetProperty("gradients");
        NormOf(generator.parameters()).ShouldBe(gradients.GetProperty("generator").GetDouble(), 1e-8);
        NormOf([generator.state_dict()["model.1.weight"]]).ShouldBe(gradients.GetProperty("generatorFirst").GetDouble(), 1e-8);
        NormOf(discriminator.parameters()).ShouldBe(gradients.GetProperty("discriminator").GetDouble(), 1e-8);
    }

    private static double NormOf(IEnumerable<torch.Tensor> parameters) => Math.Sqrt(parameters.Sum(p => p.grad!.square().sum().item<double>()));

    private static GeneratorArchitecture ArchitectureOf(JsonElement expected)
    {
        var local = expected.GetProperty("localBlocks");
        return new()
        {
            Ngf = expected.GetProperty("ngf").GetInt32(),
            Downsamplings = expected.GetProperty("downsamplings").GetInt32(),
            Blocks = expected.GetProperty("blocks").GetInt32(),
            LocalBlocks = local.ValueKind == JsonValueKind.Null ? null : local.GetInt32(),
            Norm = Enum.Parse<NormKind>(expected.GetProperty("norm").GetString()!, ignoreCase: true),
            Size = expected.GetProperty("size").GetInt32(),
            LoadSize = expected.GetProperty("size").GetInt32(),
        };
    }
}
