using Factory.Synthesis.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>A classifier's network and its optimizer, SGD with momentum on cross entropy: makes one optimization step after the other.</summary>
internal sealed class ClassifierLearner : IDisposable
{
    private readonly ClassifierTrainingOptions _options;
    private readonly ClassifierBatches _batches;
    private readonly SGD _optimizer;

    /// <summary>Builds both.</summary>
    /// <param name="options">How to train.</param>
    /// <param name="batches">What from.</param>
    /// <param name="weights">The stream that fresh weights are drawn from; null where weights are loaded next.</param>
    /// <param name="device">Where to train; null: the CPU.</param>
    internal ClassifierLearner(ClassifierTrainingOptions options, ClassifierBatches batches, Rng? weights, Device? device)
    {
        (_options, _batches) = (options, batches);
        Network = ClassifierNetwork.Create(options.Architecture, weights);
        if (device is not null)
            Network.to(device);
        _optimizer = optim.SGD(Network.Trained.Select(p => p.Parameter), options.LearningRate, options.Momentum, weight_decay: options.WeightDecay);
    }

    /// <summary>The network; disposed with this object.</summary>
    internal ClassifierNetwork Network { get; }

    /// <summary>Weights under <c>weights/</c> and momentum under <c>momentum/</c>, as they are (no copies).</summary>
    internal IEnumerable<NamedTensor> Tensors =>
    [
        .. Weights.Of(Network, "weights/"),
        .. OptimizerState.Momentum(_optimizer, Network.Trained).Select(m => m with { Name = "momentum/" + m.Name }),
    ];

    /// <summary>Makes one step.</summary>
    /// <param name="rng">The stream that chooses and varies images.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="step">Steps done, for the message of a fault.</param>
    /// <returns>The batch's cross entropy before the step.</returns>
    /// <exception cref="TrainingDivergedException">It is not finite.</exception>
    internal double Learn(Rng rng, double rate, int step)
    {
        using var scope = NewDisposeScope();
        var (input, target) = _batches.Next(rng, _options.Augmentation);
        Network.train();
        OptimizerState.SetLearningRate(_optimizer, rate);
        _optimizer.zero_grad();
        var loss = nn.functional.cross_entropy(Network.call(input), target);
        double value = loss.item<float>();
        if (!double.IsFinite(value))
            throw new TrainingDivergedException(step, "crossEntropy", value);
        loss.backward();
        _optimizer.step();
        return value;
    }

    /// <summary>Takes over weights and momentum, by their names without prefix.</summary>
    /// <exception cref="CheckpointException">They do not fit.</exception>
    internal void Load(IReadOnlyDictionary<string, Tensor> weights, IReadOnlyDictionary<string, Tensor> momentum)
    {
        Weights.Load(Network, weights);
        OptimizerState.LoadMomentum(_optimizer, Network.Trained, momentum);
    }

    /// <summary>Disposes network and optimizer.</summary>
    public void Dispose()
    {
        _optimizer.Dispose();
        Network.Dispose();
    }
}
