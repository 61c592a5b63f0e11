using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>
/// The training of a label-conditioned progressive GAN, which can stop after any step and go on in another process: the same options, images and thread count give
/// the same bytes, however the steps are cut into segments. In each step the discriminator learns first, then the generator; what is exported is the generator's running
/// average. Adam (0, 0.99) begins afresh with each phase, over the layers in use. Images are drawn with categories evenly, since a GAN forgets what it seldom sees.
/// Source: Karras et al., ICLR 2018; Burlina et al., JAMA Ophthalmology 2019. Synchronous; all torch work is done on the calling thread.
/// </summary>
public sealed class LabelGeneratorTraining : IDisposable
{
    private const double Beta1 = 0;
    private const double Beta2 = 0.99;

    private readonly LabelGeneratorTrainingOptions _options;
    private readonly Device? _device;
    private readonly LabelGenerator _generator;
    private readonly LabelGenerator _average;
    private readonly LabelDiscriminator _discriminator;
    private readonly LabelBatches _batches;
    private readonly LabelGeneratorState _state;
    private readonly Rng _rng;
    private Adam _generatorOptimizer;
    private Adam _discriminatorOptimizer;

    private LabelGeneratorTraining(LabelGeneratorTrainingOptions options, ImageSet images, Device? device, LabelGeneratorState? resumed)
    {
        options.Validate();
        if (resumed is not null && resumed.Images != images.Count)
            throw new CheckpointException($"The checkpoint was trained on {resumed.Images} images, now there are {images.Count}.");
        (_options, _device) = (options, device);
        _state = resumed ?? new LabelGeneratorState { Images = images.Count };
        _batches = new LabelBatches(options, images);
        _rng = resumed is null ? new Rng(options.Seed) : Rng.FromState(resumed.RngState);
        _generator = new LabelGenerator(options.Architecture, resumed is null ? _rng : null);
        _discriminator = new LabelDiscriminator(options.Architecture, resumed is null ? _rng : null);
        _average = new LabelGenerator(options.Architecture, null);
        foreach (var parameter in _average.parameters())
            parameter.requires_grad = false;
        Weights.Load(_average, _generator.state_dict());
        foreach (var network in new nn.Module[] { _generator, _discriminator, _average })
        {
            if (device is not null)
                network.to(device);
        }

        (_generatorOptimizer, _discriminatorOptimizer) = (FreshOptimizer(_generator), FreshOptimizer(_discriminator));
    }

    /// <summary>Steps done.</summary>
    public int Step => _state.Step;

    /// <summary>Steps there will be.</summary>
    public int TotalSteps => _options.TotalSteps;

    /// <summary>Steps between two entries of <see cref="History"/>.</summary>
    public int StepsPerRecord => _options.StepsPerRecord;

    /// <summary>Whether all steps are done.</summary>
    public bool Finished => Step >= TotalSteps;

    /// <summary>
    /// At most a hundred entries over the whole training, each with the mean losses since the one before: <c>critic</c>, <c>penalty</c>, <c>drift</c>, <c>categoryReal</c> and <c>categoryFake</c> of the
    /// discriminator, <c>gan</c> and <c>category</c> of the generator, all before their weights.
    /// </summary>
    public IReadOnlyList<EpochRecord> History => _state.History;

    private LabelPhase Phase => _options.PhaseOf(Math.Min(Step, TotalSteps - 1));

    /// <summary>Starts a training.</summary>
    /// <param name="options">How to train.</param>
    /// <param name="images">The images; every category must have one.</param>
    /// <param name="device">Where to train. Default the CPU.</param>
    /// <returns>The training, no step done; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An option or a label is out of range.</exception>
    public static LabelGeneratorTraining Start(LabelGeneratorTrainingOptions options, ImageSet images, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(images);
        return new(options, images, device, null);
    }

    /// <summary>Goes on from a training checkpoint.</summary>
    /// <param name="checkpoint">What <see cref="Save(Stream)"/> wrote; a stream that can seek.</param>
    /// <param name="images">The same images in the same order.</param>
    /// <param name="device">Where to train. Default the CPU.</param>
    /// <returns>The training; the caller disposes it.</returns>
    /// <exception cref="SafeTensorsException">The checkpoint is malformed.</exception>
    /// <exception cref="CheckpointException">It is no such training checkpoint, or the number of images differs.</exception>
    public static LabelGeneratorTraining Resume(Stream checkpoint, ImageSet images, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var file = SafeTensors.Read(checkpoint);
        CheckpointMetadata.Check(file, CheckpointMetadata.LabelGeneratorTraining);
        var options = CheckpointJson.ParseValid<LabelGeneratorTrainingOptions>(file.Require(CheckpointMetadata.OptionsKey), "options", o => o.Validate());
        var state = CheckpointJson.Parse<LabelGeneratorState>(file.Require(CheckpointMetadata.StateKey), "state");
        var training = new LabelGeneratorTraining(options, images, device, state);
        try
        {
            Weights.Load(training._generator, file.Under("generator/"));
            Weights.Load(training._average, file.Under("average/"));
            Weights.Load(training._discriminator, file.Under("discriminator/"));
            var steps = training.Step - training.Phase.FirstStep;
            OptimizerState.LoadMoments(training._generatorOptimizer, training.Learning(training._generator), file.Under("generator-adam/"), steps);
            OptimizerState.LoadMoments(training._discriminatorOptimizer, training.Learning(training._discriminator), file.Under("discriminator-adam/"), steps);
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
    /// <param name="images">The same images in the same order.</param>
    /// <param name="device">Where to train. Default the CPU.</param>
    /// <returns>As for <see cref="Resume(Stream, ImageSet, Device?)"/>.</returns>
    public static LabelGeneratorTraining Resume(byte[] checkpoint, ImageSet images, Device? device = null)
    {
        using var stream = new MemoryStream(checkpoint, writable: false);
        return Resume(stream, images, device);
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
            var phase = Phase;
            var losses = TrainStep(phase);
            _state.Averages.Add(losses);
            _state.Step++;
            if (Phase.Number != phase.Number)
                BeginPhase();
            var entry = (Step - 1) / StepsPerRecord;
            EpochRecord? record = null;
            if (Step % StepsPerRecord == 0 || Finished)
            {
                record = new EpochRecord(entry, _options.LearningRate, _state.Averages.Take(), null);
                _state.History.Add(record);
            }

            progress?.Invoke(new TrainingProgress(Step, TotalSteps, entry, _options.LearningRate, losses, record));
        }
    }

    /// <summary>Writes a training checkpoint: generator, its average, discriminator, both Adam states, options, and state including the random stream's.</summary>
    /// <param name="stream">Where to; left open.</param>
    public void Save(Stream stream)
    {
        _state.RngState = _rng.State;
        var metadata = CheckpointMetadata.Create(CheckpointMetadata.LabelGeneratorTraining);
        metadata[CheckpointMetadata.OptionsKey] = CheckpointMetadata.Serialize(_options);
        metadata[CheckpointMetadata.StateKey] = CheckpointMetadata.Serialize(_state);
        SafeTensors.Write(
            stream,
            [
                .. Weights.Of(_generator, "generator/"),
                .. Weights.Of(_average, "average/"),
                .. Weights.Of(_discriminator, "discriminator/"),
                .. OptimizerState.Moments(_generatorOptimizer, Learning(_generator)).Select(m => m with { Name = "generator-adam/" + m.Name }),
                .. OptimizerState.Moments(_discriminatorOptimizer, Learning(_discriminator)).Select(m => m with { Name = "discriminator-adam/" + m.Name }),
            ],
            metadata);
    }

    /// <summary>Writes a training checkpoint to memory.</summary>
    /// <returns>As <see cref="Save(Stream)"/> writes it.</returns>
    public byte[] Save() => ClassifierTraining.ToBytes(Save);

    /// <summary>Writes an inference checkpoint of the generator's average, readable by <see cref="LabelGeneratorCheckpoint"/>.</summary>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="annotations">Strings to travel with it. Default none.</param>
    public void Export(Stream stream, IReadOnlyDictionary<string, string>? annotations = null)
    {
        var metadata = CheckpointMetadata.Create(CheckpointMetadata.LabelGenerator, annotations);
        metadata[CheckpointMetadata.ArchitectureKey] = _options.Architecture.ToJson();
        SafeTensors.Write(stream, Weights.Of(_average), metadata);
    }

    /// <summary>What the averaged generator makes now, at the resolution that training has reached. Changes nothing.</summary>
    /// <param name="samples">Category index and seed of each image; at least one.</param>
    /// <returns>An image a sample, its side 4 pixels to the generator's own.</returns>
    public RgbImage[] Preview(IReadOnlyList<(int Label, ulong Seed)> samples)
    {
        using var scope = NewDisposeScope();
        using var mode = new EvaluationMode(_average);
        var (noise, categories) = LabelNoise.Input(_average, samples, _device);
        return ImageTensors.ToImages(_average.Generate(noise, categories, Phase.Level, Phase.Alpha));
    }

    /// <summary>Writes an inference checkpoint to memory.</summary>
    /// <param name="annotations">Strings to travel with it. Default none.</param>
    /// <returns>As <see cref="Export(Stream, IReadOnlyDictionary{string, string}?)"/> writes it.</returns>
    public byte[] Export(IReadOnlyDictionary<string, string>? annotations = null) => ClassifierTraining.ToBytes(s => Export(s, annotations));

    /// <summary>Disposes networks and optimizers.</summary>
    public void Dispose()
    {
        _generatorOptimizer.Dispose();
        _discriminatorOptimizer.Dispose();
        _generator.Dispose();
        _average.Dispose();
        _discriminator.Dispose();
    }

    private SortedDictionary<string, double> TrainStep(LabelPhase phase)
    {
        using var scope = NewDisposeScope();
        var (real, categories) = _batches.Next(phase, _rng, _device);
        var (count, noise) = (categories.Length, _options.Architecture.Noise);
        var oneHot = LabelNoise.OneHot(categories, _options.Architecture.Categories, _device);
        var labels = oneHot.argmax(1);
        Tensor shown;
        using (no_grad())
            shown = _generator.Generate(LabelNoise.Draw(_rng, count, noise, _device), oneHot, phase.Level, phase.Alpha);
        var critic = LabelDiscriminatorLosses.Of(_discriminator, real, shown, labels, LabelNoise.Between(_rng, count, _device), phase);
        Descend(_discriminatorOptimizer, critic.Total(_options));

        // The generator learns through the discriminator, which does not learn from that pass.
        Learn(_discriminator, false);
        var losses = LabelGeneratorLosses.Of(_discriminator, _generator.Generate(LabelNoise.Draw(_rng, count, noise, _device), oneHot, phase.Level, phase.Alpha), labels, phase);
        Descend(_generatorOptimizer, losses.Total(_options));
        Learn(_discriminator, true);
        Follow();
        return LabelLosses.Checked(critic, losses, Step);
    }

    private static void Descend(Adam optimizer, Tensor loss)
    {
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
    }

    private void Learn(nn.Module network, bool learns)
    {
        foreach (var (_, parameter) in Learning(network))
            parameter.requires_grad = learns;
    }

    private void Follow()
    {
        using var guard = no_grad();
        foreach (var (average, current) in _average.parameters().Zip(_generator.parameters()))
            average.lerp_(current, 1 - _options.AverageDecay);
    }

    private IEnumerable<(string Name, Parameter Parameter)> Learning(nn.Module network)
    {
        var phase = Phase;
        return network.named_parameters().Where(p => GrowingLayers.IsUsed(p.name, phase.Level, phase.Fading));
    }

    // Follows from the step alone, so that a segment may begin anywhere: what does not learn has neither gradients nor moments.
    private Adam FreshOptimizer(nn.Module network)
    {
        foreach (var parameter in network.parameters())
            parameter.requires_grad = false;
        Learn(network, true);
        return optim.Adam(Learning(network).Select(p => p.Parameter), _options.LearningRate, Beta1, Beta2);
    }

    private void BeginPhase()
    {
        _generatorOptimizer.Dispose();
        _discriminatorOptimizer.Dispose();
        (_generatorOptimizer, _discriminatorOptimizer) = (FreshOptimizer(_generator), FreshOptimizer(_discriminator));
    }
}
