using Factory.Synthesis.Networks;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>
/// One of the replicas that train a classifier together (local SGD: McMahan et al., arXiv 1602.05629; Stich, arXiv 1805.09767). In each round it starts from the weights that all
/// agreed on, makes steps on its own part of the examples, and leaves weights to be averaged by <see cref="ClassifierAveraging"/>. Its momentum and its random stream are its own and
/// go on from round to round, as in DiLoCo (arXiv 2311.08105). The same options, part and number give the same bytes. Synchronous; all torch work is done on the calling thread.
/// </summary>
public sealed class ClassifierReplica : IDisposable
{
    private readonly ClassifierTrainingOptions _options;
    private readonly ClassifierLearner _learner;
    private readonly ReplicaState _state;
    private readonly Rng _rng;
    private readonly double _learningRate;

    private ClassifierReplica(ClassifierTrainingOptions options, ExampleSet part, ReplicaState state, double learningRate, Rng? weights, Device? device)
    {
        options.Validate();
        if (state.Images != part.Examples)
            throw new CheckpointException($"Replica {state.Replica} was trained on {state.Images} examples, now there are {part.Examples}.");
        (_options, _state, _learningRate) = (options, state, learningRate);
        _rng = Rng.FromState(state.RngState);
        _learner = new ClassifierLearner(options, new ClassifierBatches(options, part, device), weights, device);
    }

    /// <summary>Steps of this replica, over all rounds.</summary>
    public int Step => _state.Step;

    /// <summary>Mean cross entropy of this round's steps; 0 before the first.</summary>
    public double Loss => _state.Round.Count == 0 ? 0 : _state.Round.Sums["crossEntropy"] / _state.Round.Count;

    /// <summary>Starts the first round.</summary>
    /// <param name="options">How to train: those of all replicas.</param>
    /// <param name="part">This replica's examples, see <see cref="ExampleSet.Part"/>.</param>
    /// <param name="replica">Its number, from 0.</param>
    /// <param name="startWeights">As for <see cref="ClassifierTraining.Start"/>. Default fresh ones of the seed, the same for every replica.</param>
    /// <param name="device">Where to train. Default the CPU.</param>
    /// <returns>The replica, no step done; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An option or a label is out of range.</exception>
    /// <exception cref="CheckpointException">The weights do not fit the architecture.</exception>
    public static ClassifierReplica Start(
        ClassifierTrainingOptions options, ExampleSet part, int replica, IReadOnlyDictionary<string, Tensor>? startWeights = null, Device? device = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(replica);
        ReplicaState state = new() { Replica = replica, Images = part.Examples, RngState = Rng.Mix(Rng.Mix(options.Seed) + (ulong)replica + 1) };
        return Prepared(
            new ClassifierReplica(options, part, state, options.LearningRate, new Rng(options.Seed), device),
            made =>
            {
                if (startWeights is not null)
                    Weights.Load(made._learner.Network, startWeights);
            });
    }

    /// <summary>Starts a later round.</summary>
    /// <param name="average">What <see cref="ClassifierAveraging.Save"/> wrote after the round before; a stream that can seek.</param>
    /// <param name="own">What <see cref="Save"/> wrote for this replica at the end of the round before; a stream that can seek.</param>
    /// <param name="part">The same examples in the same order.</param>
    /// <param name="device">Where to train. Default the CPU.</param>
    /// <returns>The replica; the caller disposes it.</returns>
    /// <exception cref="SafeTensorsException">A checkpoint is malformed.</exception>
    /// <exception cref="CheckpointException">One is no such checkpoint, or the part has another size.</exception>
    public static ClassifierReplica Resume(Stream average, Stream own, ExampleSet part, Device? device = null)
    {
        using var agreed = new SafeTensorsReader(average).ReadUnder("weights/");
        using var mine = new SafeTensorsReader(own).ReadUnder("momentum/");
        CheckpointMetadata.Check(agreed, CheckpointMetadata.ClassifierAverage);
        CheckpointMetadata.Check(mine, CheckpointMetadata.ClassifierReplica);
        var options = CheckpointJson.ParseValid<ClassifierTrainingOptions>(agreed.Require(CheckpointMetadata.OptionsKey), "options", o => o.Validate());
        var all = CheckpointJson.Parse<ClassifierState>(agreed.Require(CheckpointMetadata.StateKey), "state");
        var state = CheckpointJson.Parse<ReplicaState>(mine.Require(CheckpointMetadata.StateKey), "state");
        state.Begun = all.Step;
        state.Round = new LossAverages();
        return Prepared(new ClassifierReplica(options, part, state, all.LearningRate, null, device), made => made._learner.Load(agreed.Tensors, mine.Tensors));
    }

    /// <summary>Trains.</summary>
    /// <param name="steps">Optimization steps, at least 1.</param>
    /// <param name="progress">Called after each step with the steps of this call so far and the step's cross entropy.</param>
    /// <param name="cancellation">Looked at between steps.</param>
    /// <exception cref="TrainingDivergedException">A loss is not finite.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public void Run(int steps, Action<int, double>? progress = null, CancellationToken cancellation = default)
    {
        for (var done = 1; done <= steps; done++)
        {
            cancellation.ThrowIfCancellationRequested();
            var loss = _learner.Learn(_rng, _learningRate, Step);
            _state.Round.Add(new SortedDictionary<string, double>(StringComparer.Ordinal) { ["crossEntropy"] = loss });
            _state.Step++;
            progress?.Invoke(done, loss);
        }
    }

    /// <summary>Writes the replica's checkpoint: weights to be averaged, its own momentum, and its state including the random stream's.</summary>
    /// <param name="stream">Where to; left open.</param>
    public void Save(Stream stream)
    {
        _state.RngState = _rng.State;
        var metadata = CheckpointMetadata.Create(CheckpointMetadata.ClassifierReplica);
        metadata[CheckpointMetadata.OptionsKey] = CheckpointMetadata.Serialize(_options);
        metadata[CheckpointMetadata.StateKey] = CheckpointMetadata.Serialize(_state);
        SafeTensors.Write(stream, _learner.Tensors, metadata);
    }

    /// <summary>Disposes network and optimizer.</summary>
    public void Dispose() => _learner.Dispose();

    private static ClassifierReplica Prepared(ClassifierReplica made, Action<ClassifierReplica> prepare)
    {
        try
        {
            prepare(made);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }
}
