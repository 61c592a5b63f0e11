using Factory.Synthesis.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>
/// A generator's training against its discriminator, which can stop after any step and go on in another process: the same options, pairs and
/// thread count give the same bytes, however the steps are cut into segments. Least squares GAN and feature matching, Adam (0.5, 0.999).
/// Source: Wang et al., CVPR 2018; J-BHI 2022. Synchronous; all torch work is done on the calling thread.
/// </summary>
public sealed class GeneratorTraining : IDisposable
{
    private const double Beta1 = 0.5;
    private const double Beta2 = 0.999;

    private readonly GeneratorTrainingOptions _options;
    private readonly Device? _device;
    private readonly GlobalGenerator _generator;
    private readonly MultiscaleDiscriminator _discriminator;
    private readonly Adam _generatorOptimizer;
    private readonly Adam _discriminatorOptimizer;
    private readonly PairBatches _batches;
    private readonly GeneratorState _state;
    private readonly Rng _rng;

    private GeneratorTraining(GeneratorTrainingOptions options, PairedSet pairs, Device? device, GeneratorState? resumed)
    {
        options.Validate();
        if (resumed is not null && resumed.Pairs != pairs.Count)
            throw new CheckpointException($"The checkpoint was trained on {resumed.Pairs} pairs, now there are {pairs.Count}.");
        (_options, _device) = (options, device);
        _state = resumed ?? new GeneratorState { Pairs = pairs.Count };
        _batches = new PairBatches(options, pairs);
        _rng = resumed is null ? new Rng(options.Seed) : Rng.FromState(resumed.RngState);
        _generator = new GlobalGenerator(options.Architecture, resumed is null ? _rng : null);
        _discriminator = new MultiscaleDiscriminator(options.Architecture, resumed is null ? _rng : null);
        if (device is not null)
        {
            _generator.to(device);
            _discriminator.to(device);
        }

        _generatorOptimizer = optim.Adam(_generator.parameters(), options.LearningRate, Beta1, Beta2);
        _discriminatorOptimizer = optim.Adam(_discriminator.parameters(), options.LearningRate, Beta1, Beta2);
    }

    /// <summary>Steps done.</summary>
    public int Step => _state.Step;

    /// <summary>Steps there will be.</summary>
    public int TotalSteps => _options.TotalSteps(_state.Pairs);

    /// <summary>Whether all steps are done.</summary>
    public bool Finished => Step >= TotalSteps;

    /// <summary>The epochs done so far, with mean losses <c>gan</c>, <c>features</c> (before its weight), <c>discriminatorFake</c> and <c>discriminatorReal</c>.</summary>
    public IReadOnlyList<EpochRecord> History => _state.History;

    /// <summary>Starts a training.</summary>
    /// <param name="options">How to train.</param>
    /// <param name="pairs">The pairs.</param>
    /// <param name="device">Where to train. Default the CPU.</param>
    /// <returns>The training, no step done; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static GeneratorTraining Start(GeneratorTrainingOptions options, PairedSet pairs, Device? device = null) => new(options, pairs, device, null);

    /// <summary>Goes on from a training checkpoint.</summary>
    /// <param name="checkpoint">What <see cref="Save(Stream)"/> wrote; a stream that can seek.</param>
    /// <param name="pairs">The same pairs in the same order.</param>
    /// <param name="device">Where to train. Default the CPU.</param>
    /// <returns>The training; the caller disposes it.</returns>
    /// <exception cref="SafeTensorsException">The checkpoint is malformed.</exception>
    /// <exception cref="CheckpointException">It is no generator's training checkpoint, or the number of pairs differs.</exception>
    public static GeneratorTraining Resume(Stream checkpoint, PairedSet pairs, Device? device = null)
    {
        using var file = SafeTensors.Read(checkpoint);
        CheckpointMetadata.Check(file, CheckpointMetadata.GeneratorTraining);
        var options = CheckpointJson.ParseValid<GeneratorTrainingOptions>(file.Require(CheckpointMetadata.OptionsKey), "options", o => o.Validate());
        var state = CheckpointJson.Parse<GeneratorState>(file.Require(CheckpointMetadata.StateKey), "state");
        var training = new GeneratorTraining(options, pairs, device, state);
        try
        {
            Weights.Load(training._generator, file.Under("generator/"));
            Weights.Load(training._discriminator, file.Under("discriminator/"));
            OptimizerState.LoadMoments(training._generatorOptimizer, training._generator, file.Under("generator-adam/"), state.Step);
            OptimizerState.LoadMoments(training._discriminatorOptimizer, training._discriminator, file.Under("discriminator-adam/"), state.Step);
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
    /// <param name="pairs">The same pairs in the same order.</param>
    /// <param name="device">Where to train. Default the CPU.</param>
    /// <returns>As for <see cref="Resume(Stream, PairedSet, Device?)"/>.</returns>
    public static GeneratorTraining Resume(byte[] checkpoint, PairedSet pairs, Device? device = null)
    {
        using var stream = new MemoryStream(checkpoint, writable: false);
        return Resume(stream, pairs, device);
    }

    /// <summary>Trains on.</summary>
    /// <param name="maxSteps">Steps at most; fewer where training finishes. Default to the end.</param>
    /// <param name="progress">Called after each step.</param>
    /// <param name="cancellation">Looked at between steps; the steps done stay done and can be saved.</param>
    /// <exception cref="TrainingDivergedException">A loss is not finite.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public void Run(int maxSteps = int.MaxValue, Action<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        var stepsPerEpoch = _options.StepsPerEpoch(_state.Pairs);
        for (var done = 0; done < maxSteps && !Finished; done++)
        {
            cancellation.ThrowIfCancellationRequested();
            var epoch = Step / stepsPerEpoch;
            var rate = _options.RateOf(epoch);
            var losses = TrainStep(rate);
            _state.Averages.Add(losses);
            _state.Step++;
            EpochRecord? record = null;
            if (Step % stepsPerEpoch == 0 || Finished)
            {
                record = new EpochRecord(epoch, rate, _state.Averages.Take(), null);
                _state.History.Add(record);
            }

            progress?.Invoke(new TrainingProgress(Step, TotalSteps, epoch, rate, losses, record));
        }
    }

    /// <summary>Writes a training checkpoint: both networks, both Adam states, options, and state including the random stream's.</summary>
    /// <param name="stream">Where to; left open. At full size this is 2.3 GB: use a file.</param>
    public void Save(Stream stream)
    {
        _state.RngState = _rng.State;
        var metadata = CheckpointMetadata.Create(CheckpointMetadata.GeneratorTraining);
        metadata[CheckpointMetadata.OptionsKey] = CheckpointMetadata.Serialize(_options);
        metadata[CheckpointMetadata.StateKey] = CheckpointMetadata.Serialize(_state);
        SafeTensors.Write(
            stream,
            [
                .. Weights.Of(_generator, "generator/"),
                .. Weights.Of(_discriminator, "discriminator/"),
                .. OptimizerState.Moments(_generatorOptimizer, _generator).Select(m => m with { Name = "generator-adam/" + m.Name }),
                .. OptimizerState.Moments(_discriminatorOptimizer, _discriminator).Select(m => m with { Name = "discriminator-adam/" + m.Name }),
            ],
            metadata);
    }

    /// <summary>Writes a training checkpoint to memory; for small networks, an array holds 2 GB.</summary>
    /// <returns>As <see cref="Save(Stream)"/> writes it.</returns>
    public byte[] Save() => ClassifierTraining.ToBytes(Save);

    /// <summary>Writes an inference checkpoint of the generator, readable by <see cref="GeneratorCheckpoint"/>.</summary>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="annotations">Strings to travel with it, such as the classifier's digest. Default none.</param>
    public void Export(Stream stream, IReadOnlyDictionary<string, string>? annotations = null)
    {
        var metadata = CheckpointMetadata.Create(CheckpointMetadata.Generator, annotations);
        metadata[CheckpointMetadata.ArchitectureKey] = _options.Architecture.ToJson();
        SafeTensors.Write(stream, Weights.Of(_generator), metadata);
    }

    /// <summary>Writes an inference checkpoint to memory.</summary>
    /// <param name="annotations">Strings to travel with it, such as the classifier's digest. Default none.</param>
    /// <returns>As <see cref="Export(Stream, IReadOnlyDictionary{string, string}?)"/> writes it.</returns>
    public byte[] Export(IReadOnlyDictionary<string, string>? annotations = null) => ClassifierTraining.ToBytes(s => Export(s, annotations));

    /// <summary>Disposes networks and optimizers.</summary>
    public void Dispose()
    {
        _generatorOptimizer.Dispose();
        _discriminatorOptimizer.Dispose();
        _generator.Dispose();
        _discriminator.Dispose();
    }

    private SortedDictionary<string, double> TrainStep(double rate)
    {
        using var scope = NewDisposeScope();
        OptimizerState.SetLearningRate(_generatorOptimizer, rate);
        OptimizerState.SetLearningRate(_discriminatorOptimizer, rate);
        _generator.train();
        _discriminator.train();
        var (condition, image) = _batches.Next(Step, _rng, _device);
        var generated = _generator.call(condition);
        var fakeDetached = _discriminator.Judge(cat([condition, generated.detach()], 1));
        var real = _discriminator.Judge(cat([condition, image], 1));
        // The generator learns through the discriminator, which does not learn from that pass: its weights' gradients are not computed.
        TrainDiscriminator(false);
        var fake = _discriminator.Judge(cat([condition, generated], 1));
        TrainDiscriminator(true);

        var gan = GanLosses.LeastSquares(fake, real: true);
        var features = GanLosses.FeatureMatching(fake, real);
        var discriminatorFake = GanLosses.LeastSquares(fakeDetached, real: false);
        var discriminatorReal = GanLosses.LeastSquares(real, real: true);
        var losses = Checked(("gan", gan), ("features", features), ("discriminatorFake", discriminatorFake), ("discriminatorReal", discriminatorReal));

        Descend(_generatorOptimizer, gan + (features * _options.FeatureWeight));
        Descend(_discriminatorOptimizer, (discriminatorFake + discriminatorReal) * 0.5);
        return losses;
    }

    private void TrainDiscriminator(bool learns)
    {
        foreach (var parameter in _discriminator.parameters())
            parameter.requires_grad = learns;
    }

    private static void Descend(Adam optimizer, Tensor loss)
    {
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
    }

    private SortedDictionary<string, double> Checked(params (string Name, Tensor Loss)[] losses)
    {
        var values = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, loss) in losses)
        {
            values[name] = loss.item<float>();
            if (!double.IsFinite(values[name]))
                throw new TrainingDivergedException(Step, name, values[name]);
        }

        return values;
    }
}
