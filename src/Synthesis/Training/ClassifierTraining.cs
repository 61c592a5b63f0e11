using Factory.Synthesis.Networks;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>
/// A classifier's training, which can stop after any step and go on in another process: the same options, images and thread count give
/// the same bytes, however the steps are cut into segments. Cross entropy, SGD with momentum; the weights with the best validation macro
/// F1 (sensitivity, specificity) are kept; after epoch 5 (from 0) the learning rate halves at every fifth epoch without improvement, and
/// below 1e-7 training ends. Source: J-BHI 2022. Each epoch ends with batch-norm statistics recomputed for its weights. Synchronous; all torch work is done on the calling thread.
/// </summary>
public sealed class ClassifierTraining : IDisposable
{
    private readonly ClassifierTrainingOptions _options;
    private readonly ClassifierLearner _learner;
    private readonly ClassifierJudge _judge;
    private readonly ClassifierState _state;
    private readonly Rng _rng;

    private ClassifierTraining(ClassifierTrainingOptions options, ExampleSet train, ExampleSet? validation, Device? device, ClassifierState? resumed)
    {
        options.Validate();
        _options = options;
        var batches = new ClassifierBatches(options, train, device);
        _state = ClassifierState.Of(options, train, validation, resumed);
        _judge = new ClassifierJudge(options, batches, validation, _state, device);
        _rng = resumed is null ? new Rng(options.Seed) : Rng.FromState(resumed.RngState);
        _learner = new ClassifierLearner(options, batches, resumed is null ? _rng : null, device);
    }

    /// <summary>Steps done.</summary>
    public int Step => _state.Step;

    /// <summary>Steps there will be at most.</summary>
    public int TotalSteps => _options.Epochs * _options.StepsPerEpoch;

    /// <summary>Whether all epochs are done, or the learning rate fell below 1e-7.</summary>
    public bool Finished => _state.Stopped || Step >= TotalSteps;

    /// <summary>The epochs done so far.</summary>
    public IReadOnlyList<EpochRecord> History => _state.History;

    /// <summary>Scores of the best weights; null before the first epoch's end or without a validation set.</summary>
    public ValidationScores? BestValidation => _state.BestValidation;

    /// <summary>Starts a training.</summary>
    /// <param name="options">How to train.</param>
    /// <param name="train">The training images; a <see cref="PairSet"/> where the architecture is of two streams.</param>
    /// <param name="validation">The validation images or pairs, or null: the last epoch's weights are then kept.</param>
    /// <param name="startWeights">Weights to fine-tune, all keys of the architecture (use <see cref="ClassifierTrainingOptions.FineTuningRate"/>). Default fresh ones of the seed.</param>
    /// <param name="device">Where to train. Default the CPU.</param>
    /// <returns>The training, no step done; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An option or a label is out of range.</exception>
    /// <exception cref="CheckpointException">The weights do not fit the architecture.</exception>
    public static ClassifierTraining Start(
        ClassifierTrainingOptions options, ExampleSet train, ExampleSet? validation, IReadOnlyDictionary<string, Tensor>? startWeights = null, Device? device = null)
    {
        var training = new ClassifierTraining(options, train, validation, device, null);
        try
        {
            if (startWeights is not null)
                Weights.Load(training._learner.Network, startWeights);
            return training;
        }
        catch
        {
            training.Dispose();
            throw;
        }
    }

    /// <summary>Goes on from a training checkpoint.</summary>
    /// <param name="checkpoint">What <see cref="Save(Stream)"/> wrote; a stream that can seek.</param>
    /// <param name="train">The same training images in the same order.</param>
    /// <param name="validation">The same validation images.</param>
    /// <param name="device">Where to train. Default the CPU.</param>
    /// <returns>The training; the caller disposes it.</returns>
    /// <exception cref="SafeTensorsException">The checkpoint is malformed.</exception>
    /// <exception cref="CheckpointException">It is no classifier's training checkpoint, or the sets have other sizes.</exception>
    public static ClassifierTraining Resume(Stream checkpoint, ExampleSet train, ExampleSet? validation, Device? device = null)
    {
        using var file = SafeTensors.Read(checkpoint);
        CheckpointMetadata.Check(file, CheckpointMetadata.ClassifierTraining);
        var options = CheckpointJson.ParseValid<ClassifierTrainingOptions>(file.Require(CheckpointMetadata.OptionsKey), "options", o => o.Validate());
        var state = CheckpointJson.Parse<ClassifierState>(file.Require(CheckpointMetadata.StateKey), "state");
        var training = new ClassifierTraining(options, train, validation, device, state);
        try
        {
            training._learner.Load(file.Under("weights/"), file.Under("momentum/"));
            training._judge.Load(file.Under("best/"));
            return training;
        }
        catch
        {
            training.Dispose();
            throw;
        }
    }

    /// <summary>Goes on from a training checkpoint in memory.</summary>
    /// <param name="checkpoint">What <see cref="Save()"/> returned.</param>
    /// <param name="train">The same training images in the same order.</param>
    /// <param name="validation">The same validation images.</param>
    /// <param name="device">Where to train. Default the CPU.</param>
    /// <returns>As for <see cref="Resume(Stream, ExampleSet, ExampleSet?, Device?)"/>.</returns>
    public static ClassifierTraining Resume(byte[] checkpoint, ExampleSet train, ExampleSet? validation, Device? device = null)
    {
        using var stream = new MemoryStream(checkpoint, writable: false);
        return Resume(stream, train, validation, device);
    }

    /// <summary>Trains on.</summary>
    /// <param name="maxSteps">Steps at most; fewer where training finishes. Default to the end.</param>
    /// <param name="progress">Called after each step.</param>
    /// <param name="cancellation">Looked at between steps; the steps done stay done and can be saved.</param>
    /// <exception cref="TrainingDivergedException">A loss is not finite.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public void Run(int maxSteps = int.MaxValue, Action<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        for (var done = 0; done < maxSteps && !Finished; done++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (epoch, rate) = (Step / _options.StepsPerEpoch, _state.LearningRate);
            var losses = new SortedDictionary<string, double>(StringComparer.Ordinal) { ["crossEntropy"] = _learner.Learn(_rng, rate, Step) };
            _state.Averages.Add(losses);
            _state.Step++;
            var record = Step % _options.StepsPerEpoch == 0 ? _judge.End(_learner.Network, epoch) : null;
            progress?.Invoke(new TrainingProgress(Step, TotalSteps, epoch, rate, losses, record));
        }
    }

    /// <summary>Writes a training checkpoint: weights, best weights, momentum, options, and state including the random stream's.</summary>
    /// <param name="stream">Where to; left open.</param>
    public void Save(Stream stream)
    {
        _state.RngState = _rng.State;
        var metadata = CheckpointMetadata.Create(CheckpointMetadata.ClassifierTraining);
        metadata[CheckpointMetadata.OptionsKey] = CheckpointMetadata.Serialize(_options);
        metadata[CheckpointMetadata.StateKey] = CheckpointMetadata.Serialize(_state);
        SafeTensors.Write(stream, [.. _learner.Tensors, .. _judge.Tensors], metadata);
    }

    /// <summary>Writes a training checkpoint to memory.</summary>
    /// <returns>As <see cref="Save(Stream)"/> writes it.</returns>
    public byte[] Save() => ToBytes(Save);

    /// <summary>Writes an inference checkpoint of the best weights, readable by <see cref="ClassifierCheckpoint"/>.</summary>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="annotations">Strings to travel with it, such as a digest. Default none.</param>
    public void Export(Stream stream, IReadOnlyDictionary<string, string>? annotations = null) => _judge.Export(stream, _learner.Network, annotations);

    /// <summary>Writes an inference checkpoint to memory.</summary>
    /// <param name="annotations">Strings to travel with it, such as a digest. Default none.</param>
    /// <returns>As <see cref="Export(Stream, IReadOnlyDictionary{string, string}?)"/> writes it.</returns>
    public byte[] Export(IReadOnlyDictionary<string, string>? annotations = null) => ToBytes(s => Export(s, annotations));

    /// <summary>Disposes network, optimizer and kept weights.</summary>
    public void Dispose()
    {
        _judge.Dispose();
        _learner.Dispose();
    }

    internal static byte[] ToBytes(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }
}
