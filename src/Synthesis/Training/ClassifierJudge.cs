using Factory.Synthesis.Evaluation;
using Factory.Synthesis.Networks;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>
/// What happens at the end of a classifier's epochs: batch-norm statistics are recomputed for the weights as they are, these are scored on the validation set, the best are kept,
/// and after the sixth judgment the learning rate halves at every fifth without improvement; below 1e-7 training stops.
/// </summary>
internal sealed class ClassifierJudge : IDisposable
{
    private const double LeastLearningRate = 1e-7;
    private const int Patience = 5;

    private readonly ClassifierTrainingOptions _options;
    private readonly ClassifierBatches _batches;
    private readonly ExampleSet? _validation;
    private readonly ClassifierState _state;
    private readonly Device? _device;
    private IReadOnlyDictionary<string, Tensor>? _best;

    /// <summary>A judge of a training.</summary>
    /// <exception cref="ArgumentException">The validation set is not of the network's streams, or a label is out of range.</exception>
    internal ClassifierJudge(ClassifierTrainingOptions options, ClassifierBatches batches, ExampleSet? validation, ClassifierState state, Device? device)
    {
        (_options, _batches, _validation, _state, _device) = (options, batches, validation, state, device);
        if (validation is null)
            return;
        ClassifierBatches.RequireStreams(options.Architecture, validation);
        validation.LabelsOf(options.Architecture.Categories);
    }

    /// <summary>The best weights under <c>best/</c>, as they are (no copies); none before the first epoch's end.</summary>
    internal IEnumerable<NamedTensor> Tensors => (_best ?? new Dictionary<string, Tensor>()).Select(b => new NamedTensor("best/" + b.Key, b.Value));

    /// <summary>Takes over copies of the best weights of an earlier segment; none leaves none.</summary>
    internal void Load(IReadOnlyDictionary<string, Tensor> best)
    {
        if (best.Count > 0)
            _best = best.ToDictionary(b => b.Key, b => b.Value.clone().DetachFromDisposeScope());
    }

    /// <summary>Judges the network at the end of an epoch, or of several at once, which count as one: patience is with judgments.</summary>
    /// <param name="network">The network; its batch-norm statistics change.</param>
    /// <param name="epoch">The epoch that ended last, from 0.</param>
    /// <returns>The record, added to the history.</returns>
    internal EpochRecord End(ClassifierNetwork network, int epoch)
    {
        // Unvaried images, as evaluation sees them, of a stream of the epoch's own.
        var rng = new Rng(Rng.Mix(_options.Seed) ^ Rng.Mix((ulong)epoch + 1));
        BatchNormStatistics.Recompute(network, _options.StatisticsBatches, () => _batches.Next(rng, Augmentation.None).Input);
        var scores = _validation is null ? null : Validate(network, _validation);
        var record = new EpochRecord(epoch, _state.LearningRate, _state.Averages.Take(), scores);
        _state.History.Add(record);
        var score = scores is null ? null : (double?)(scores.MacroSenSpeF1 ?? scores.Accuracy);
        if (score is null || _state.BestScore is null || score > _state.BestScore)
        {
            DisposeBest();
            _best = Weights.Copy(network);
            (_state.BestScore, _state.BestValidation, _state.EpochsSinceBest) = (score, scores, 0);
            return record;
        }

        _state.EpochsSinceBest++;
        if (_state.History.Count > Patience + 1 && _state.EpochsSinceBest % Patience == 0)
            _state.LearningRate /= 2;
        _state.Stopped = _state.LearningRate < LeastLearningRate;
        return record;
    }

    /// <summary>Writes an inference checkpoint of the best weights, or of the network's own where none were kept.</summary>
    internal void Export(Stream stream, ClassifierNetwork network, IReadOnlyDictionary<string, string>? annotations)
    {
        var metadata = CheckpointMetadata.Create(CheckpointMetadata.KindOf(_options.Architecture), annotations);
        metadata[CheckpointMetadata.ArchitectureKey] = _options.Architecture.ToJson();
        metadata[CheckpointMetadata.CategoriesKey] = CheckpointMetadata.Serialize(_options.CategoryNames);
        if (_state.BestValidation is { } scores)
            metadata[CheckpointMetadata.ValidationKey] = CheckpointMetadata.Serialize(scores);
        SafeTensors.Write(stream, _best is null ? Weights.Of(network) : _best.Select(b => new NamedTensor(b.Key, b.Value)), metadata);
    }

    /// <summary>Disposes the kept weights.</summary>
    public void Dispose() => DisposeBest();

    private ValidationScores Validate(ClassifierNetwork network, ExampleSet validation)
    {
        var probabilities = Prediction.Predict(network, validation, _options.BatchSize, _device);
        var metrics = ClassificationMetrics.From(validation.LabelsOf(_options.Architecture.Categories), probabilities);
        return new ValidationScores(metrics.MacroSenSpeF1, metrics.MacroPrecisionRecallF1, metrics.Accuracy, metrics.MacroAuc, (int)validation.Examples);
    }

    private void DisposeBest()
    {
        foreach (var tensor in _best?.Values ?? [])
            tensor.Dispose();
        _best = null;
    }
}
