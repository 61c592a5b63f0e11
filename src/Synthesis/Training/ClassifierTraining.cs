using System.Runtime.InteropServices;
using Factory.Synthesis.Evaluation;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using TorchSharp;
using TorchSharp.Modules;
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
    private const double LeastLearningRate = 1e-7;
    private const int Patience = 5;

    private readonly ClassifierTrainingOptions _options;
    private readonly ExampleSet? _validation;
    private readonly Device? _device;
    private readonly ClassifierNetwork _network;
    private readonly SGD _optimizer;
    private readonly Func<Rng, Example> _draw;
    private readonly BoundedCache<RgbImage>[] _images;
    private readonly ClassifierState _state;
    private readonly Rng _rng;
    private IReadOnlyDictionary<string, Tensor>? _best;

    private ClassifierTraining(ClassifierTrainingOptions options, ExampleSet train, ExampleSet? validation, Device? device, ClassifierState? resumed)
    {
        options.Validate();
        (_options, _validation, _device) = (options, validation, device);
        RequireStreams(options.Architecture, train);
        _state = resumed ?? new ClassifierState { LearningRate = options.LearningRate, TrainImages = train.Examples, ValidationImages = validation?.Examples ?? 0 };
        if (_state.TrainImages != train.Examples || _state.ValidationImages != (validation?.Examples ?? 0))
            throw new CheckpointException($"The checkpoint was trained on {_state.TrainImages} images and validated on {_state.ValidationImages}, now there are {train.Examples} and {validation?.Examples ?? 0}.");
        _draw = train.BalancedDraws(options.Architecture.Categories);
        if (validation is not null)
        {
            RequireStreams(options.Architecture, validation);
            validation.LabelsOf(options.Architecture.Categories);
        }

        var size = options.Architecture.Size;
        _images = [.. train.Streams.Select(stream => new BoundedCache<RgbImage>(options.CacheBytes / train.Streams.Count, i => PilResize.Bicubic(stream.Load(i), size, size), image => image.Pixels.Length))];
        _rng = resumed is null ? new Rng(options.Seed) : Rng.FromState(resumed.RngState);
        _network = ClassifierNetwork.Create(options.Architecture, resumed is null ? _rng : null);
        if (device is not null)
            _network.to(device);
        _optimizer = optim.SGD(_network.Trained.Select(p => p.Parameter), options.LearningRate, options.Momentum, weight_decay: options.WeightDecay);
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
                Weights.Load(training._network, startWeights);
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
            training.LoadTensors(file);
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
            var losses = new SortedDictionary<string, double>(StringComparer.Ordinal) { ["crossEntropy"] = TrainStep() };
            _state.Averages.Add(losses);
            _state.Step++;
            var record = Step % _options.StepsPerEpoch == 0 ? EndEpoch(epoch) : null;
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
        SafeTensors.Write(
            stream,
            [
                .. Weights.Of(_network, "weights/"),
                .. OptimizerState.Momentum(_optimizer, _network.Trained).Select(m => m with { Name = "momentum/" + m.Name }),
                .. (_best ?? new Dictionary<string, Tensor>()).Select(b => new NamedTensor("best/" + b.Key, b.Value)),
            ],
            metadata);
    }

    /// <summary>Writes a training checkpoint to memory.</summary>
    /// <returns>As <see cref="Save(Stream)"/> writes it.</returns>
    public byte[] Save() => ToBytes(Save);

    /// <summary>Writes an inference checkpoint of the best weights, readable by <see cref="ClassifierCheckpoint"/>.</summary>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="annotations">Strings to travel with it, such as a digest. Default none.</param>
    public void Export(Stream stream, IReadOnlyDictionary<string, string>? annotations = null)
    {
        var metadata = CheckpointMetadata.Create(CheckpointMetadata.KindOf(_options.Architecture), annotations);
        metadata[CheckpointMetadata.ArchitectureKey] = _options.Architecture.ToJson();
        metadata[CheckpointMetadata.CategoriesKey] = CheckpointMetadata.Serialize(_options.CategoryNames);
        if (_state.BestValidation is { } scores)
            metadata[CheckpointMetadata.ValidationKey] = CheckpointMetadata.Serialize(scores);
        SafeTensors.Write(stream, _best is null ? Weights.Of(_network) : _best.Select(b => new NamedTensor(b.Key, b.Value)), metadata);
    }

    /// <summary>Writes an inference checkpoint to memory.</summary>
    /// <param name="annotations">Strings to travel with it, such as a digest. Default none.</param>
    /// <returns>As <see cref="Export(Stream, IReadOnlyDictionary{string, string}?)"/> writes it.</returns>
    public byte[] Export(IReadOnlyDictionary<string, string>? annotations = null) => ToBytes(s => Export(s, annotations));

    /// <summary>Disposes network, optimizer and kept weights.</summary>
    public void Dispose()
    {
        DisposeBest();
        _optimizer.Dispose();
        _network.Dispose();
    }

    internal static byte[] ToBytes(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    private void LoadTensors(SafeTensorsFile file)
    {
        Weights.Load(_network, file.Under("weights/"));
        OptimizerState.LoadMomentum(_optimizer, _network.Trained, file.Under("momentum/"));
        var best = file.Under("best/");
        if (best.Count > 0)
            _best = best.ToDictionary(b => b.Key, b => b.Value.clone().DetachFromDisposeScope());
    }

    private double TrainStep()
    {
        using var scope = NewDisposeScope();
        var (input, target) = DrawBatch(_rng, _options.Augmentation);
        _network.train();
        OptimizerState.SetLearningRate(_optimizer, _state.LearningRate);
        _optimizer.zero_grad();
        var loss = nn.functional.cross_entropy(_network.call(input), target);
        double value = loss.item<float>();
        if (!double.IsFinite(value))
            throw new TrainingDivergedException(Step, "crossEntropy", value);
        loss.backward();
        _optimizer.step();
        return value;
    }

    private (Tensor Input, Tensor Target) DrawBatch(Rng rng, Augmentation augmentation)
    {
        var (size, streams) = (_options.Architecture.Size, _images.Length);
        var input = torch.empty([_options.BatchSize, 3 * streams, size, size], ScalarType.Float32);
        var values = MemoryMarshal.Cast<byte, float>(input.bytes);
        var planes = 3 * size * size;
        var labels = new long[_options.BatchSize];
        for (var n = 0; n < _options.BatchSize; n++)
        {
            var example = _draw(rng);
            labels[n] = example.Label;
            for (var s = 0; s < streams; s++)
                Augmenter.Write(_images[s].Get(example.Images[s]), augmentation, rng, values.Slice(((n * streams) + s) * planes, planes));
        }

        return (ImageTensors.OnDevice(input, _device), torch.tensor(labels, device: _device));
    }

    private EpochRecord EndEpoch(int epoch)
    {
        // Unvaried images, as evaluation sees them, of a stream of the epoch's own.
        var rng = new Rng(Rng.Mix(_options.Seed) ^ Rng.Mix((ulong)epoch + 1));
        BatchNormStatistics.Recompute(_network, _options.StatisticsBatches, () => DrawBatch(rng, Augmentation.None).Input);
        var scores = _validation is null ? null : Validate(_validation);
        var record = new EpochRecord(epoch, _state.LearningRate, _state.Averages.Take(), scores);
        _state.History.Add(record);
        var score = scores is null ? null : (double?)(scores.MacroSenSpeF1 ?? scores.Accuracy);
        if (score is null || _state.BestScore is null || score > _state.BestScore)
        {
            DisposeBest();
            _best = Weights.Copy(_network);
            (_state.BestScore, _state.BestValidation, _state.EpochsSinceBest) = (score, scores, 0);
            return record;
        }

        _state.EpochsSinceBest++;
        if (epoch > Patience && _state.EpochsSinceBest % Patience == 0)
            _state.LearningRate /= 2;
        _state.Stopped = _state.LearningRate < LeastLearningRate;
        return record;
    }

    private ValidationScores Validate(ExampleSet validation)
    {
        var probabilities = Prediction.Predict(_network, validation, _options.BatchSize, _device);
        var metrics = ClassificationMetrics.From(validation.LabelsOf(_options.Architecture.Categories), probabilities);
        return new ValidationScores(metrics.MacroSenSpeF1, metrics.MacroPrecisionRecallF1, metrics.Accuracy, metrics.MacroAuc, (int)validation.Examples);
    }

    private static void RequireStreams(ClassifierArchitecture architecture, ExampleSet examples)
    {
        if (examples.Streams.Count != architecture.Streams)
            throw new ArgumentException($"The network is of {architecture.Streams} stream(s), the examples have {examples.Streams.Count} image(s) each: two streams learn from a pair set, one from an image set.");
    }

    private void DisposeBest()
    {
        foreach (var tensor in _best?.Values ?? [])
            tensor.Dispose();
        _best = null;
    }
}
