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
internal sealed record TrainedSegment(bool Finished, int StepsDone, TrainingCurve Curve)
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
    };
}

/// <summary>Turns a training's history into curves.</summary>
internal static class Curves
{
    /// <summary>The curves of a history whose epochs have so many draws in batches of that size.</summary>
    public static TrainingCurve Of(IReadOnlyList<EpochRecord> history, int drawsPerEpoch, int batchSize) => Of(history, (drawsPerEpoch + batchSize - 1) / batchSize);

    /// <summary>The curves of a history whose epochs have so many steps.</summary>
    public static TrainingCurve Of(IReadOnlyList<EpochRecord> history, int stepsPerEpoch)
    {
        SortedDictionary<string, IReadOnlyList<CurvePoint>> series = new(StringComparer.Ordinal);
        foreach (string loss in history.SelectMany(epoch => epoch.Losses.Keys).Distinct()) series[loss] = Points(epoch => epoch.Losses[loss]);
        series["learningRate"] = Points(epoch => epoch.LearningRate);
        if (history.Any(epoch => epoch.Validation is not null))
        {
            series["validationAccuracy"] = Points(epoch => epoch.Validation?.Accuracy);
            series["validationSenSpeF1"] = Points(epoch => epoch.Validation?.MacroSenSpeF1);
        }
        return new() { Series = series };

        List<CurvePoint> Points(Func<EpochRecord, double?> value) =>
        [
            .. history.Select((epoch, index) => (Step: (index + 1) * stepsPerEpoch, Value: value(epoch)))
                .Where(point => point.Value is not null).Select(point => new CurvePoint { Step = point.Step, Value = point.Value!.Value }),
        ];
    }
}
