using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Networks;

/// <summary>Evaluation mode without gradients for as long as it lives; disposing puts the network's mode back.</summary>
internal sealed class EvaluationMode : IDisposable
{
    private readonly nn.Module _network;
    private readonly bool _training;
    private readonly IDisposable _noGrad;

    internal EvaluationMode(nn.Module network)
    {
        _network = network;
        _training = network.training;
        if (_training)
            network.eval();
        _noGrad = no_grad();
    }

    public void Dispose()
    {
        _noGrad.Dispose();
        if (_training)
            _network.train();
    }
}
