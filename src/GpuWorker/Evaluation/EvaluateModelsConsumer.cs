using System.Globalization;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Datasets;
using Factory.GpuWorker.Devices;
using Factory.GpuWorker.Telemetry;
using Factory.Storage.Objects;
using Factory.Synthesis.Evaluation;
using Factory.Synthesis.Training;
using MassTransit;

namespace Factory.GpuWorker.Evaluation;

/// <summary>Evaluates classifiers on one split of real images, or of strict pairs of them.</summary>
internal sealed class EvaluateModelsConsumer(
    AttemptRunner runner, TorchDevice device, LoadedCheckpoints checkpoints, DatasetReader datasets, IObjectStore objects) : IConsumer<EvaluateModels>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<EvaluateModels> context) =>
        runner.RunAsync(context.Message, EvaluateAsync, context.CancellationToken);

    private async Task<ModelsEvaluated> EvaluateAsync(EvaluateModels command, AttemptContext attempt)
    {
        using OpenExamples dataset = await OpenExamples.OpenAsync(
            datasets, command.Dataset, command.Split, command.Paired ? Pairing.Strict : null, size: null, attempt.CancellationToken);
        int[] labels = dataset.Required.Labels();
        IReadOnlyList<IReadOnlyList<Sha256Digest>>? sources = dataset.Sources();
        List<(NamedCheckpoint Asked, JudgedTrial Judged)> judged = [];
        List<ModelPrediction> predictions = [];
        foreach (NamedCheckpoint model in command.Models)
        {
            float[][] probabilities = await device.RunAsync(command.Order.Numerics, () => Predict(command, model, dataset.Required, attempt), attempt.CancellationToken);
            judged.Add((model, new(labels, probabilities)));
            int? trial = command.Models.Count(other => other.Name == model.Name) > 1 ? model.Trial ?? 1 : null;
            predictions.AddRange((sources ?? []).Select((images, index) => new ModelPrediction { Model = model.Name, Trial = trial, Images = images, Label = labels[index], Probabilities = [.. probabilities[index].Select(Rounded)] }));
            attempt.Report((long)judged.Count * labels.Length, (long)command.Models.Count * labels.Length, "images");
        }
        ModelVerdicts verdicts = new([.. judged.GroupBy(trial => trial.Asked.Name).Select(model => new ModelVerdict(model.Key, [.. model]))], dataset.Subjects(), command.Seed);
        EvaluationReport report = new()
        {
            Split = command.Split,
            Images = labels.Length,
            Subjects = verdicts.Subjects,
            Paired = command.Paired,
            Categories = command.Categories.Names,
            Models = verdicts.Scores(),
            Comparisons = verdicts.Comparisons(command.Baseline),
        };
        return new()
        {
            Attempt = attempt.Attempt,
            Artifact = await attempt.UploadAsync(() => objects.PutAsync(JsonSerializer.SerializeToUtf8Bytes(report, ContractJson.Options), MediaTypes.Json, attempt.CancellationToken)),
            Predictions = sources is null ? null : await attempt.UploadAsync(() => JsonLines.WriteAsync(objects, predictions, attempt.CancellationToken)),
            ContactSheet = await SheetAsync(command, dataset.Required, attempt),
        };
    }

    private async Task<ObjectRef?> SheetAsync(EvaluateModels command, ExampleSet examples, AttemptContext attempt)
    {
        // What the streams look at is shown of the first trial only.
        NamedCheckpoint[] models = [.. command.Models.Where(model => model.Modality is null).DistinctBy(model => model.Name)];
        if (examples is not PairSet pairs || models.Length == 0) return null;
        PairSheet sheet = new(pairs, command.Categories);
        foreach (NamedCheckpoint model in models)
        {
            await device.RunAsync(
                command.Order.Numerics,
                () =>
                {
                    sheet.Add(model.Name, checkpoints.Classifier(model.Checkpoint, command.Categories).Network, device.Device);
                    return true;
                },
                attempt.CancellationToken);
        }
        return await attempt.UploadAsync(() => objects.PutAsync(sheet.ToPng(), MediaTypes.Png, attempt.CancellationToken));
    }

    private float[][] Predict(EvaluateModels command, NamedCheckpoint model, ExampleSet examples, AttemptContext attempt)
    {
        using Phases.Measure measure = attempt.Phases.Of(Phases.Forward);
        ClassifierCheckpoint checkpoint = checkpoints.Classifier(model.Checkpoint, command.Categories);
        ExampleSet seen = model.Modality is { } modality && examples is PairSet pairs ? pairs.Of((int)modality) : examples;
        return Prediction.Predict(checkpoint.Network, seen, device: device.Device, cancellation: attempt.CancellationToken);
    }

    // The shortest decimal that is this float32, so that the file says no more than is known.
    private static double Rounded(float value) => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
