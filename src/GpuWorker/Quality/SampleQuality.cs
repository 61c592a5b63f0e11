using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Devices;
using Factory.GpuWorker.Generation;
using Factory.GpuWorker.Telemetry;
using Factory.Synthesis.Evaluation;
using Factory.Synthesis.Imaging;

namespace Factory.GpuWorker.Quality;

/// <summary>Measures the samples of a batch, and says which are rejected.</summary>
internal sealed class SampleQuality(GenerateShard command, TorchDevice device, LoadedCheckpoints checkpoints, TrainingReference training, Phases phases)
{
    // More digits than a measure is worth, fewer than two devices agree on.
    private const int Decimals = 6;

    private readonly IReadOnlyList<string> _measures = MeasuresOf(command.Synthesis);

    /// <summary>What is measured of each sample of a corpus, in the order of <see cref="QualityMeasures.All"/>.</summary>
    public static IReadOnlyList<string> MeasuresOf(SynthesisSpec spec) => spec.Measures ?? (spec.Reject?.LabelFidelityBelow is null ? [] : [QualityMeasures.LabelFidelity]);

    /// <summary>The classifier that judges a shard's samples.</summary>
    /// <exception cref="PermanentWorkException">There is none.</exception>
    public static ObjectRef JudgeOf(GenerateShard command) =>
        command.Judge ?? command.Classifier ?? throw new PermanentWorkException("the invitation names no classifier to judge samples by.");

    /// <summary>Measures samples.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="images">Their images.</param>
    /// <param name="cancellationToken">Cancels the wait for the device.</param>
    /// <returns>The scores of each by name, rounded to six decimals.</returns>
    public async Task<IReadOnlyList<SortedDictionary<string, double>>> ScoreAsync(IReadOnlyList<PreparedSample> samples, IReadOnlyList<RgbImage> images, CancellationToken cancellationToken)
    {
        if (_measures.Count == 0) return [.. samples.Select(_ => new SortedDictionary<string, double>(StringComparer.Ordinal))];
        using Phases.Measure measure = phases.Of(Phases.Quality);
        IReadOnlyList<Judgement>? judgements = _measures.Any(QualityMeasures.NeedJudge)
            ? await device.RunAsync(
                command.Order.Numerics,
                () => Judging.Judge(checkpoints.Classifier(JudgeOf(command), command.Synthesis.Categories).OneStream, images, device.Device),
                cancellationToken)
            : null;
        return await Task.WhenAll(samples.Select((sample, index) => Task.Run(() => Scores(sample, images[index], judgements?[index]), cancellationToken)));
    }

    /// <summary>Why a sample is rejected: the first measure whose threshold it stays below; null where it is kept.</summary>
    public string? Rejection(KeptSample sample) => command.Synthesis.Reject is { } rules
        ? _measures.FirstOrDefault(measure => rules.Below(measure) is { } threshold && sample.Scores[measure] < threshold)
        : null;

    private SortedDictionary<string, double> Scores(PreparedSample sample, RgbImage image, Judgement? judgement)
    {
        SortedDictionary<string, double> scores = new(StringComparer.Ordinal);
        foreach (string measure in _measures) scores[measure] = Math.Round(Score(measure, sample, image, judgement), Decimals);
        return scores;
    }

    private double Score(string measure, PreparedSample sample, RgbImage image, Judgement? judgement) => measure switch
    {
        QualityMeasures.LabelFidelity => judgement!.Probabilities[sample.Label],
        QualityMeasures.CamConsistency => CamConsistency.Of(
            sample.Cam ?? throw new PermanentWorkException("CAM consistency was asked for of a generator that sees no CAM."), judgement!.Cam, sample.Label, command.Synthesis.Categories.Background),
        QualityMeasures.Sharpness => Sharpness.Of(image, litOnly: command.Synthesis.Modality == Modality.Cfp) / training.Sharpness!.Value,
        QualityMeasures.FieldOfView => FieldOfView.LitFraction(image),
        QualityMeasures.NearestTrainingDistance => training.Features!.NearestTo(judgement!.Features) / training.NearestDistance!.Value,
        _ => throw new PermanentWorkException($"the corpus asks for the measure {measure}; this worker knows {string.Join(", ", QualityMeasures.All)}."),
    };
}
