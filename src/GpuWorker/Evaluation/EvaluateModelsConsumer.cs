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
        runner.RunAsync(context.Message, attempt => EvaluateAsync(context.Message, attempt), context.CancellationToken);

    private async Task<ModelsEvaluated> EvaluateAsync(EvaluateModels command, AttemptContext attempt)
    {
        using OpenExamples dataset = await OpenExamples.OpenAsync(
            datasets, command.Dataset, command.Split, command.Paired ? Pairing.Strict : null, size: null, attempt.CancellationToken);
        int[] labels = dataset.Required.Labels();
        IReadOnlyList<IReadOnlyList<Sha256Digest>>? sources = dataset.Sources();
        List<ModelScores> scores = [];
        List<ModelPrediction> predictions = [];
        foreach (NamedCheckpoint model in command.Models)
        {
            float[][] probabilities = await device.RunAsync(command.Order.Numerics, () => Predict(command, model, dataset.Required, attempt), attempt.CancellationToken);
            scores.Add(Score(command, model, labels, probabilities));
            predictions.AddRange((sources ?? []).Select((images, index) => new ModelPrediction { Model = model.Name, Images = images, Label = labels[index], Probabilities = [.. probabilities[index].Select(Rounded)] }));
            attempt.Report((long)scores.Count * labels.Length, (long)command.Models.Count * labels.Length, "images");
        }
        EvaluationReport report = new() { Split = command.Split, Images = labels.Length, Paired = command.Paired, Categories = command.Categories.Names, Models = scores };
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
        NamedCheckpoint[] models = [.. command.Models.Where(model => model.Modality is null)];
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

    private static ModelScores Score(EvaluateModels command, NamedCheckpoint model, int[] labels, float[][] probabilities)
    {
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

    // The shortest decimal that is this float32, so that the file says no more than is known.
    private static double Rounded(float value) => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static List<IReadOnlyList<int>> Rows(ConfusionMatrix confusion, int categories) =>
        [.. Enumerable.Range(0, categories).Select(truth => (IReadOnlyList<int>)[.. Enumerable.Range(0, categories).Select(predicted => (int)confusion[truth, predicted])])];
}
