using System.Globalization;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.Storage.Objects;
using Factory.Synthesis.Training;

namespace Factory.GpuWorker.Training;

/// <summary>What a segment of training leaves behind, beside the checkpoint that it wrote.</summary>
/// <param name="Finished">Whether training is over.</param>
/// <param name="StepsDone">Optimization steps since the start.</param>
/// <param name="Curve">The curve so far.</param>
/// <param name="Previews">Steps done and grid of each preview; null where none were asked for.</param>
internal sealed record TrainedSegment(bool Finished, int StepsDone, TrainingCurve Curve, IReadOnlyList<(int Step, byte[] Png)>? Previews = null)
{
    /// <summary>Stores it and names it.</summary>
    /// <param name="objects">The store.</param>
    /// <param name="checkpoint">The checkpoint when finished, else the training checkpoint; written whole. A stream, since one of full size exceeds an array.</param>
    /// <param name="attempt">The attempt that did it.</param>
    public async Task<SegmentTrained> StoreAsync(IObjectStore objects, StagedObject checkpoint, AttemptContext attempt) => new()
    {
        Attempt = attempt.Attempt,
        Artifact = await attempt.UploadAsync(() => checkpoint.CommitAsync(MediaTypes.SafeTensors, attempt.CancellationToken)),
        Finished = Finished,
        StepsDone = StepsDone,
        Curve = await attempt.UploadAsync(() => objects.PutAsync(JsonSerializer.SerializeToUtf8Bytes(Curve, ContractJson.Options), MediaTypes.Json, attempt.CancellationToken)),
        Previews = await PreviewsAsync(objects, attempt),
    };

    private async Task<IReadOnlyList<TrainingPreview>?> PreviewsAsync(IObjectStore objects, AttemptContext attempt)
    {
        if (Previews is null) return null;
        List<TrainingPreview> stored = [];
        foreach ((int step, byte[] png) in Previews)
        {
            stored.Add(new() { Step = step, Grid = await attempt.UploadAsync(() => objects.PutAsync(png, MediaTypes.Png, attempt.CancellationToken)) });
        }
        return stored;
    }
}

/// <summary>Turns a training's history into curves.</summary>
internal static class Curves
{
    /// <summary>The curves of a history whose epochs have so many draws in batches of that size.</summary>
    public static TrainingCurve Of(IReadOnlyList<EpochRecord> history, int drawsPerEpoch, int batchSize) => Of(history, (drawsPerEpoch + batchSize - 1) / batchSize);

    /// <summary>The curves of a training over replicas: those of its judgments, and the loss of each replica's rounds.</summary>
    public static TrainingCurve Of(IReadOnlyList<EpochRecord> history, IReadOnlyList<RoundRecord> rounds, int drawsPerEpoch, int batchSize)
    {
        SortedDictionary<string, IReadOnlyList<CurvePoint>> series = new(Of(history, drawsPerEpoch, batchSize).Series.ToDictionary(), StringComparer.Ordinal);
        for (int replica = 0; replica < rounds.Max(round => round.Losses.Count); replica++)
        {
            series[string.Create(CultureInfo.InvariantCulture, $"crossEntropy, replica {replica + 1:00}")] =
                [.. rounds.Where(round => replica < round.Losses.Count).Select(round => new CurvePoint { Step = round.Step, Value = round.Losses[replica] })];
        }
        return new() { Series = series };
    }

    /// <summary>The curves of a history whose epochs have so many steps, and of figures taken in between.</summary>
    public static TrainingCurve Of(IReadOnlyList<EpochRecord> history, int stepsPerEpoch, IReadOnlyList<GeneratorMeasurement>? measurements = null)
    {
        SortedDictionary<string, IReadOnlyList<CurvePoint>> series = new(StringComparer.Ordinal);
        foreach (string loss in history.SelectMany(epoch => epoch.Losses.Keys).Distinct()) series[loss] = Points(epoch => epoch.Losses[loss]);
        series["learningRate"] = Points(epoch => epoch.LearningRate);
        if (history.Any(epoch => epoch.Validation is not null))
        {
            series["validationAccuracy"] = Points(epoch => epoch.Validation?.Accuracy);
            series["validationSenSpeF1"] = Points(epoch => epoch.Validation?.MacroSenSpeF1);
        }
        foreach (string figure in (measurements ?? []).SelectMany(measurement => measurement.Values.Keys).Distinct())
        {
            series[figure] = [.. measurements!.Where(measurement => measurement.Values.ContainsKey(figure)).Select(measurement => new CurvePoint { Step = measurement.Step, Value = measurement.Values[figure] })];
        }
        return new() { Series = series };

        List<CurvePoint> Points(Func<EpochRecord, double?> value) =>
        [
            .. history.Select(epoch => (Step: (epoch.Epoch + 1) * stepsPerEpoch, Value: value(epoch)))
                .Where(point => point.Value is not null).Select(point => new CurvePoint { Step = point.Step, Value = point.Value!.Value }),
        ];
    }
}
