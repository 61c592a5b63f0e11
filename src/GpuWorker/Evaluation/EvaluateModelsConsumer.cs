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

/// <summary>Evaluates classifiers on one split of real images.</summary>
internal sealed class EvaluateModelsConsumer(
    AttemptRunner runner, TorchDevice device, LoadedCheckpoints checkpoints, DatasetReader datasets, IObjectStore objects) : IConsumer<EvaluateModels>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<EvaluateModels> context) =>
        runner.RunAsync(context.Message, attempt => EvaluateAsync(context.Message, attempt), context.CancellationToken);

    private async Task<ModelsEvaluated> EvaluateAsync(EvaluateModels command, AttemptContext attempt)
    {
        using OpenDataset dataset = await datasets.OpenAsync(command.Dataset, command.Split, size: null, attempt.CancellationToken);
        ImageSet images = dataset.Required;
        List<ModelScores> scores = [];
        foreach (NamedCheckpoint model in command.Models)
        {
            scores.Add(await device.RunAsync(command.Order.Numerics, () => Score(command, model, images, attempt), attempt.CancellationToken));
            attempt.Report((long)scores.Count * images.Count, (long)command.Models.Count * images.Count, "images");
        }
        EvaluationReport report = new() { Split = command.Split, Images = images.Count, Categories = command.Categories.Names, Models = scores };
        return new()
        {
            Attempt = attempt.Attempt,
            Artifact = await attempt.UploadAsync(() => objects.PutAsync(JsonSerializer.SerializeToUtf8Bytes(report, ContractJson.Options), MediaTypes.Json, attempt.CancellationToken)),
        };
    }

    private ModelScores Score(EvaluateModels command, NamedCheckpoint model, ImageSet images, AttemptContext attempt)
    {
        using Phases.Measure measure = attempt.Phases.Of(Phases.Forward);
        ClassifierCheckpoint checkpoint = checkpoints.Classifier(model.Checkpoint, command.Categories);
        float[][] probabilities = Prediction.Predict(checkpoint.Network, images, device: device.Device, cancellation: attempt.CancellationToken);
        int[] labels = [.. Enumerable.Range(0, images.Count).Select(images.Label)];
        ClassificationMetrics metrics = ClassificationMetrics.From(labels, probabilities);
        return new()
        {
            Name = model.Name,
            Checkpoint = model.Checkpoint.Digest,
            Accuracy = metrics.Accuracy,
            SenSpeF1 = metrics.MacroSenSpeF1,
            SenSpeF1Interval = PairedBootstrap.Interval(labels, probabilities, scored => scored.MacroSenSpeF1, command.Seed) is { } interval ? [interval.Low, interval.High] : null,
            PrecisionRecallF1 = metrics.MacroPrecisionRecallF1,
            Auc = metrics.MacroAuc,
            Kappa = metrics.Kappa,
            CategoryF1 = [.. metrics.Categories.Select(category => category.SenSpeF1)],
            Confusion = Rows(metrics.Confusion, command.Categories.Count),
        };
    }

    private static List<IReadOnlyList<int>> Rows(ConfusionMatrix confusion, int categories) =>
        [.. Enumerable.Range(0, categories).Select(truth => (IReadOnlyList<int>)[.. Enumerable.Range(0, categories).Select(predicted => (int)confusion[truth, predicted])])];
}
