using System.Runtime.InteropServices;
using Factory.Synthesis.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>
/// What holds the replicas of a classifier's training together: after each round their weights and batch-norm statistics are averaged, and the averaged classifier is judged where
/// the round ended an epoch, as <see cref="ClassifierTraining"/> judges at the end of each. A round that ended several epochs is judged once, and counts as one. Parameters are
/// averaged plainly (McMahan et al., arXiv 1602.05629) or moved by an <see cref="OuterStep"/> (DiLoCo, arXiv 2311.08105); batch-norm statistics are averaged plainly, and recomputed
/// for the averaged weights on examples of all parts before they are judged; counts of batches are the largest. Synchronous; all torch work is done on the calling thread.
/// </summary>
public sealed class ClassifierAveraging : IDisposable
{
    private readonly ClassifierTrainingOptions _options;
    private readonly OuterStep? _outer;
    private readonly ClassifierNetwork _network;
    private readonly ClassifierJudge _judge;
    private readonly ClassifierState _state;
    private readonly List<RoundRecord> _rounds;
    private readonly Dictionary<string, Tensor> _momentum = new(StringComparer.Ordinal);

    private ClassifierAveraging(ClassifierTrainingOptions options, OuterStep? outer, ExampleSet train, ExampleSet? validation, Device? device, (ClassifierState State, List<RoundRecord> Rounds)? resumed)
    {
        options.Validate();
        outer?.Validate();
        (_options, _outer) = (options, outer);
        var batches = new ClassifierBatches(options, train, device);
        _state = ClassifierState.Of(options, train, validation, resumed?.State);
        _rounds = resumed?.Rounds ?? [];
        _judge = new ClassifierJudge(options, batches, validation, _state, device);
        _network = ClassifierNetwork.Create(options.Architecture, resumed is null ? new Rng(options.Seed) : null);
        if (device is not null)
            _network.to(device);
    }

    /// <summary>Steps of all replicas together.</summary>
    public int Step => _state.Step;

    /// <summary>Steps there will be at most.</summary>
    public int TotalSteps => _options.Epochs * _options.StepsPerEpoch;

    /// <summary>Whether all epochs are done, or the learning rate fell below 1e-7.</summary>
    public bool Finished => _state.Stopped || Step >= TotalSteps;

    /// <summary>The judgments so far, each under the epoch that ended last; losses are means over the steps of all replicas.</summary>
    public IReadOnlyList<EpochRecord> History => _state.History;

    /// <summary>The rounds so far.</summary>
    public IReadOnlyList<RoundRecord> Rounds => _rounds;

    /// <summary>Scores of the best weights; null before the first epoch's end or without a validation set.</summary>
    public ValidationScores? BestValidation => _state.BestValidation;

    /// <summary>Starts before the first round is averaged.</summary>
    /// <param name="options">How the replicas were trained.</param>
    /// <param name="outer">The step of a round; null: plain averaging.</param>
    /// <param name="train">The examples of all parts.</param>
    /// <param name="validation">The validation examples, or null: the last epoch's weights are then kept.</param>
    /// <param name="startWeights">What the replicas started from. Default fresh ones of the seed.</param>
    /// <param name="device">Where to judge. Default the CPU.</param>
    /// <returns>The averaging; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An option or a label is out of range.</exception>
    /// <exception cref="CheckpointException">The weights do not fit the architecture.</exception>
    public static ClassifierAveraging Start(
        ClassifierTrainingOptions options, OuterStep? outer, ExampleSet train, ExampleSet? validation, IReadOnlyDictionary<string, Tensor>? startWeights = null, Device? device = null)
    {
        var averaging = new ClassifierAveraging(options, outer, train, validation, device, null);
        return averaging.Prepared(() =>
        {
            if (startWeights is not null)
                Weights.Load(averaging._network, startWeights);
        });
    }

    /// <summary>Goes on after a round.</summary>
    /// <param name="average">What <see cref="Save"/> wrote after the round before; a stream that can seek.</param>
    /// <param name="train">The same examples in the same order.</param>
    /// <param name="validation">The same validation examples.</param>
    /// <param name="device">Where to judge. Default the CPU.</param>
    /// <returns>The averaging; the caller disposes it.</returns>
    /// <exception cref="SafeTensorsException">The checkpoint is malformed.</exception>
    /// <exception cref="CheckpointException">It is no averaged training checkpoint, or the sets have other sizes.</exception>
    public static ClassifierAveraging Resume(Stream average, ExampleSet train, ExampleSet? validation, Device? device = null)
    {
        using var file = SafeTensors.Read(average);
        CheckpointMetadata.Check(file, CheckpointMetadata.ClassifierAverage);
        var options = CheckpointJson.ParseValid<ClassifierTrainingOptions>(file.Require(CheckpointMetadata.OptionsKey), "options", o => o.Validate());
        var outer = file.Metadata.TryGetValue(CheckpointMetadata.OuterStepKey, out var text) ? CheckpointJson.ParseValid<OuterStep>(text, "outer step", o => o.Validate()) : null;
        var state = CheckpointJson.Parse<ClassifierState>(file.Require(CheckpointMetadata.StateKey), "state");
        var rounds = CheckpointJson.Parse<List<RoundRecord>>(file.Require(CheckpointMetadata.RoundsKey), "rounds");
        var averaging = new ClassifierAveraging(options, outer, train, validation, device, (state, rounds));
        return averaging.Prepared(() =>
        {
            Weights.Load(averaging._network, file.Under("weights/"));
            averaging._judge.Load(file.Under("best/"));
            foreach (var (name, tensor) in file.Under("outer/"))
                averaging._momentum[name] = tensor.clone().DetachFromDisposeScope();
        });
    }

    /// <summary>Averages a round. Holds one tensor of one replica at a time.</summary>
    /// <param name="replicas">What <see cref="ClassifierReplica.Save"/> wrote for each replica, in order of their numbers; streams that can seek.</param>
    /// <exception cref="SafeTensorsException">A checkpoint is malformed.</exception>
    /// <exception cref="CheckpointException">One is of another training, round or replica.</exception>
    public void Average(IReadOnlyList<Stream> replicas)
    {
        var round = new ReplicaCheckpoints(replicas, _options, Step);
        var parameters = _network.named_parameters().Select(p => p.name).ToHashSet(StringComparer.Ordinal);
        using (no_grad())
        {
            foreach (var (key, target) in _network.state_dict())
                Average(round, key, target, parameters.Contains(key));
        }

        var before = Step / _options.StepsPerEpoch;
        foreach (var losses in round.States.Select(state => state.Round))
            _state.Averages.Add(losses);
        _rounds.Add(new RoundRecord(Step + round.States.Sum(state => state.Round.Count), [.. round.States.Select(state => state.Round.Sums["crossEntropy"] / state.Round.Count)]));
        _state.Step = _rounds[^1].Step;
        var ended = (Step / _options.StepsPerEpoch) - before;
        if (ended > 0)
            _judge.End(_network, before + ended - 1);
    }

    /// <summary>Writes the averaged training checkpoint: weights to go on from, best weights, outer momentum, options and state.</summary>
    /// <param name="stream">Where to; left open.</param>
    public void Save(Stream stream)
    {
        var metadata = CheckpointMetadata.Create(CheckpointMetadata.ClassifierAverage);
        metadata[CheckpointMetadata.OptionsKey] = CheckpointMetadata.Serialize(_options);
        metadata[CheckpointMetadata.StateKey] = CheckpointMetadata.Serialize(_state);
        metadata[CheckpointMetadata.RoundsKey] = CheckpointMetadata.Serialize(_rounds);
        if (_outer is not null)
            metadata[CheckpointMetadata.OuterStepKey] = CheckpointMetadata.Serialize(_outer);
        SafeTensors.Write(
            stream, [.. Weights.Of(_network, "weights/"), .. _momentum.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => new NamedTensor("outer/" + m.Key, m.Value)), .. _judge.Tensors], metadata);
    }

    /// <summary>Writes an inference checkpoint of the best averaged weights, readable by <see cref="ClassifierCheckpoint"/>.</summary>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="annotations">Strings to travel with it, such as a digest. Default none.</param>
    public void Export(Stream stream, IReadOnlyDictionary<string, string>? annotations = null) => _judge.Export(stream, _network, annotations);

    /// <summary>Disposes network, momentum and kept weights.</summary>
    public void Dispose()
    {
        foreach (var tensor in _momentum.Values)
            tensor.Dispose();
        _judge.Dispose();
        _network.Dispose();
    }

    private void Average(ReplicaCheckpoints round, string key, Tensor target, bool parameter)
    {
        using var scope = NewDisposeScope();
        if (target.dtype == ScalarType.Int64)
        {
            target.copy_(torch.tensor(round.Most("weights/" + key, target)).reshape(target.shape));
            return;
        }

        var mean = round.Mean("weights/" + key, target);
        if (parameter && _outer is not null)
        {
            if (!_momentum.TryGetValue(key, out var momentum))
                _momentum[key] = momentum = zeros(target.shape, ScalarType.Float32).DetachFromDisposeScope();
            var start = target.detach().cpu().contiguous();
            _outer.Apply(MemoryMarshal.Cast<byte, float>(start.bytes), mean, MemoryMarshal.Cast<byte, float>(momentum.bytes));
        }

        // The one rounding: from float64 to the weights' own float32.
        target.copy_(torch.tensor(Array.ConvertAll(mean, value => (float)value)).reshape(target.shape));
    }

    private ClassifierAveraging Prepared(Action prepare)
    {
        try
        {
            prepare();
            return this;
        }
        catch
        {
            Dispose();
            throw;
        }
    }
}
