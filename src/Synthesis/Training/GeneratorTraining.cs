using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>
/// A generator's training against its discriminator, which can stop after any step and go on in another process: the same options, pairs and
/// thread count give the same bytes, however the steps are cut into segments. Losses are those of <see cref="GeneratorLosses"/>, Adam (0.5, 0.999).
/// Stage 2 begins with frozen epochs, in which the global part keeps its very bits; then Adam starts afresh over all. Source: Wang et al., CVPR 2018; J-BHI 2022. Synchronous; all torch work is done on the calling thread.
/// </summary>
public sealed class GeneratorTraining : IDisposable
{
    private const double Beta1 = 0.5;
    private const double Beta2 = 0.999;

    private readonly GeneratorTrainingOptions _options;
    private readonly Device? _device;
    private readonly ImageGenerator _generator;
    private readonly MultiscaleDiscriminator _discriminator;
    private readonly Vgg19Features? _vgg;
    private readonly Adam _discriminatorOptimizer;
    private readonly PairBatches _batches;
    private readonly GeneratorState _state;
    private readonly Rng _rng;
    private Adam _generatorOptimizer;

    private GeneratorTraining(GeneratorTrainingOptions options, PairedSet pairs, Device? device, Vgg19Features? vgg, SafeTensorsFile? stage1, GeneratorState? resumed)
    {
        options.Validate();
        if (options.PerceptualWeight > 0 != vgg is not null)
            throw new ArgumentException($"Perceptual weight {options.PerceptualWeight} and VGG19's weights belong together: {(vgg is null ? "none were" : "they were")} given.", nameof(vgg));
        if (resumed is not null && resumed.Pairs != pairs.Count)
            throw new CheckpointException($"The checkpoint was trained on {resumed.Pairs} pairs, now there are {pairs.Count}.");
        (_options, _device, _vgg) = (options, device, vgg);
        _state = resumed ?? new GeneratorState { Pairs = pairs.Count };
        _batches = new PairBatches(options, pairs);
        _rng = resumed is null ? new Rng(options.Seed) : Rng.FromState(resumed.RngState);
        _generator = ImageGenerator.Create(options.Architecture, resumed is null ? _rng : null);
        _discriminator = new MultiscaleDiscriminator(options.Architecture, resumed is null ? _rng : null);
        if (stage1 is not null)
            TakeOver(stage1);
        if (device is not null)
        {
            _generator.to(device);
            _discriminator.to(device);
        }

        _generatorOptimizer = FreshOptimizer();
        _discriminatorOptimizer = optim.Adam(_discriminator.parameters(), options.LearningRate, Beta1, Beta2);
    }

    /// <summary>Steps done.</summary>
    public int Step => _state.Step;

    /// <summary>Steps there will be.</summary>
    public int TotalSteps => _options.TotalSteps(_state.Pairs);

    /// <summary>Whether all steps are done.</summary>
    public bool Finished => Step >= TotalSteps;

    /// <summary>The epochs done so far, with mean losses <c>gan</c>, <c>features</c> and <c>perceptual</c> (before their weights), <c>discriminatorFake</c> and <c>discriminatorReal</c>.</summary>
    public IReadOnlyList<EpochRecord> History => _state.History;

    /// <summary>What <see cref="Measure"/> was given, in order.</summary>
    public IReadOnlyList<GeneratorMeasurement> Measurements => _state.Measurements;

    private int FrozenSteps => _options.FrozenSteps(_state.Pairs);

    private IEnumerable<(string Name, Parameter Parameter)> Learning => _generator.named_parameters()
        .Where(p => Step >= FrozenSteps || !p.name.StartsWith(LocalEnhancer.GlobalPrefix, StringComparison.Ordinal));

    /// <summary>Starts a training.</summary>
    /// <param name="options">How to train.</param>
    /// <param name="pairs">The pairs.</param>
    /// <param name="device">Where to train. Default the CPU.</param>
    /// <param name="stage1">The finished checkpoint of stage 1, read here only. Default none: all weights are fresh.</param>
    /// <param name="vgg">VGG19 on the device, needed where <see cref="GeneratorTrainingOptions.PerceptualWeight"/> is above 0; still the caller's to dispose.</param>
    /// <returns>The training, no step done; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or VGG19 and its weight do not belong together.</exception>
    /// <exception cref="CheckpointException">Stage 1 does not fit.</exception>
    public static GeneratorTraining Start(GeneratorTrainingOptions options, PairedSet pairs, Device? device = null, SafeTensorsFile? stage1 = null, Vgg19Features? vgg = null) =>
        new(options, pairs, device, vgg, stage1, null);

    /// <summary>Goes on from a training checkpoint.</summary>
    /// <param name="checkpoint">What <see cref="Save(Stream)"/> wrote; a stream that can seek.</param>
    /// <param name="pairs">The same pairs in the same order.</param>
    /// <param name="device">Where to train. Default the CPU.</param>
    /// <param name="vgg">VGG19, as at the start.</param>
    /// <returns>The training; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">VGG19 was given at the start and is not now, or the other way round.</exception>
    /// <exception cref="SafeTensorsException">The checkpoint is malformed.</exception>
    /// <exception cref="CheckpointException">It is no generator's training checkpoint, or the number of pairs differs.</exception>
    public static GeneratorTraining Resume(Stream checkpoint, PairedSet pairs, Device? device = null, Vgg19Features? vgg = null)
    {
        using var file = SafeTensors.Read(checkpoint);
        CheckpointMetadata.Check(file, CheckpointMetadata.GeneratorTraining);
        var options = CheckpointJson.ParseValid<GeneratorTrainingOptions>(file.Require(CheckpointMetadata.OptionsKey), "options", o => o.Validate());
        var state = CheckpointJson.Parse<GeneratorState>(file.Require(CheckpointMetadata.StateKey), "state");
        var training = new GeneratorTraining(options, pairs, device, vgg, null, state);
        try
        {
            Weights.Load(training._generator, file.Under("generator/"));
            Weights.Load(training._discriminator, file.Under("discriminator/"));
            OptimizerState.LoadMoments(
                training._generatorOptimizer, training.Learning, file.Under("generator-adam/"), state.Step < training.FrozenSteps ? state.Step : state.Step - training.FrozenSteps);
            OptimizerState.LoadMoments(training._discriminatorOptimizer, training._discriminator.named_parameters(), file.Under("discriminator-adam/"), state.Step);
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
    /// <param name="vgg">VGG19, as at the start.</param>
    /// <returns>As for <see cref="Resume(Stream, PairedSet, Device?, Vgg19Features?)"/>.</returns>
    public static GeneratorTraining Resume(byte[] checkpoint, PairedSet pairs, Device? device = null, Vgg19Features? vgg = null)
    {
        using var stream = new MemoryStream(checkpoint, writable: false);
        return Resume(stream, pairs, device, vgg);
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
            if (Step == FrozenSteps)
                Thaw();
            EpochRecord? record = null;
            if (Step % stepsPerEpoch == 0 || Finished)
            {
                record = new EpochRecord(epoch, rate, _state.Averages.Take(), null);
                _state.History.Add(record);
            }

            progress?.Invoke(new TrainingProgress(Step, TotalSteps, epoch, rate, losses, record));
        }
    }

    /// <summary>Keeps figures taken of the generator as it is, in the training checkpoint.</summary>
    /// <param name="values">Figures by name.</param>
    public void Measure(SortedDictionary<string, double> values) => _state.Measurements.Add(new GeneratorMeasurement(Step, values));

    /// <summary>Generates with the generator as it is; training goes on as if nothing had been asked.</summary>
    /// <param name="conditions">At least one condition map, of any size.</param>
    /// <returns>An image a map.</returns>
    public RgbImage[] Preview(IReadOnlyList<ConditionMap> conditions) => Generation.Generate(_generator, conditions, _device);

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
                .. OptimizerState.Moments(_generatorOptimizer, Learning).Select(m => m with { Name = "generator-adam/" + m.Name }),
                .. OptimizerState.Moments(_discriminatorOptimizer, _discriminator.named_parameters()).Select(m => m with { Name = "discriminator-adam/" + m.Name }),
            ],
            metadata);
    }

    /// <summary>Writes a training checkpoint to memory; for small networks, an array holds 2 GB.</summary>
    /// <returns>As <see cref="Save(Stream)"/> writes it.</returns>
    public byte[] Save() => ClassifierTraining.ToBytes(Save);

    /// <summary>Writes an inference checkpoint of the generator, readable by <see cref="GeneratorCheckpoint"/>, and the discriminator beside it, which a stage 2 takes over.</summary>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="annotations">Strings to travel with it, such as the classifier's digest. Default none.</param>
    public void Export(Stream stream, IReadOnlyDictionary<string, string>? annotations = null)
    {
        var metadata = CheckpointMetadata.Create(CheckpointMetadata.Generator, annotations);
        metadata[CheckpointMetadata.ArchitectureKey] = _options.Architecture.ToJson();
        SafeTensors.Write(stream, [.. Weights.Of(_generator), .. Weights.Of(_discriminator, StageTransfer.DiscriminatorPrefix)], metadata);
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
        var losses = GeneratorLosses.Of(_generator, _discriminator, _vgg, condition, image);
        var values = losses.Checked(Step);
        Descend(_generatorOptimizer, losses.Generator(_options.FeatureWeight, _options.PerceptualWeight));
        Descend(_discriminatorOptimizer, losses.Discriminator());
        return values;
    }

    private static void Descend(Adam optimizer, Tensor loss)
    {
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
    }

    private void TakeOver(SafeTensorsFile stage1)
    {
        try
        {
            StageTransfer.Apply(
                _generator as LocalEnhancer ?? throw new CheckpointException($"Architecture {_options.Architecture.Name} has no local enhancer and starts from no other generator."),
                _discriminator, stage1);
        }
        catch
        {
            _generator.Dispose();
            _discriminator.Dispose();
            throw;
        }
    }

    // Follows from the step alone, so that a segment may begin anywhere: what does not learn yet has neither gradients nor moments.
    private Adam FreshOptimizer()
    {
        foreach (var parameter in _generator.parameters())
            parameter.requires_grad = false;
        foreach (var (_, parameter) in Learning)
            parameter.requires_grad = true;
        return optim.Adam(Learning.Select(p => p.Parameter), _options.LearningRate, Beta1, Beta2);
    }

    private void Thaw()
    {
        _generatorOptimizer.Dispose();
        _generatorOptimizer = FreshOptimizer();
    }
}
