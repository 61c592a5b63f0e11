using Factory.Synthesis.Networks;
using Factory.Synthesis.Tests.Published;
using TorchSharp;

namespace Factory.Synthesis.Tests.Networks;

public sealed class TorchvisionTests
{
    [Theory]
    [InlineData(ClassifierArchitecture.ResNet18)]
    [InlineData(ClassifierArchitecture.ResNet50)]
    public void ResNet_AnswersAsTorchvision(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var network = new ResNet(new ClassifierArchitecture { Name = name, Categories = 4 }, null);
        GoldenWeights.Fill(network);
        network.eval();
        using var guard = torch.no_grad();
        network.call(GoldenWeights.Input(64)).ShouldAnswer($"torchvision_{name}", 2e-4);
        network.call(GoldenWeights.Input(96)).ShouldAnswer($"torchvision_{name}_96", 2e-4);
    }
}
