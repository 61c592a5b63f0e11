using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Datasets;
using Factory.GpuWorker.Devices;
using Factory.GpuWorker.Quality;
using Factory.GpuWorker.Telemetry;
using Factory.Storage.Objects;

namespace Factory.GpuWorker.Generation;

/// <summary>Opens shards to be made: reads what they are made from, and what their samples are measured by.</summary>
internal sealed class ShardWorkshop(TorchDevice device, LoadedCheckpoints checkpoints, CamStore cams, TrainingReferences references, IObjectStore objects)
{
    /// <summary>Reads what a shard is made from.</summary>
    /// <param name="command">The shard.</param>
    /// <param name="phases">Where its attempt says what it spends its time on.</param>
    /// <param name="report">Told how many of how many training images are measured, where that has to be done first.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async Task<ShardGeneration> OpenAsync(GenerateShard command, Phases phases, Action<int, int> report, CancellationToken cancellationToken)
    {
        using Phases.Measure measure = phases.Of(Phases.Load);
        int size = await device.RunAsync(command.Order.Numerics, () => SizeOf(command), cancellationToken);
        ISampleDraws draws = command.Sources is { } sources
            ? new SamplePreparation(
                command.Synthesis, await JsonLines.ReadAsync<CamSource>(objects, sources, cancellationToken).ToListAsync(cancellationToken), cams, BasisOf(command), size)
            : new LabelDraws(command.Synthesis);
        TrainingReference training = await references.GetAsync(command, SampleQuality.MeasuresOf(command.Synthesis), size, report, cancellationToken);
        SampleQuality quality = new(command, device, checkpoints, training, phases);
        return new(command, draws, new(command, device, checkpoints, draws, quality, phases), phases);
    }

    private static ConditionBasis BasisOf(GenerateShard command) => ConditionBasis.Of(command.Synthesis, command.Classifier);

    private int SizeOf(GenerateShard command) => command.Sources is null
        ? checkpoints.LabelGenerator(command.Generator, command.Synthesis).Network.Architecture.Size
        : checkpoints.Generator(command.Generator, BasisOf(command), command.Synthesis).Network.Architecture.Size;
}
