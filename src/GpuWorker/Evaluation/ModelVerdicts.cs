using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Synthesis.Evaluation;

namespace Factory.GpuWorker.Evaluation;

/// <summary>What the trials of one model said.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Trials">Number, checkpoint and predictions of each trial, in order.</param>
internal sealed record ModelVerdict(string Name, IReadOnlyList<(NamedCheckpoint Asked, JudgedTrial Judged)> Trials);

/// <summary>Sums up what models said of one set of examples: means and deviations over trials, intervals, and each model against the baseline.</summary>
internal sealed class ModelVerdicts
{
    private readonly IReadOnlyList<ModelVerdict> _models;
    private readonly PairedBootstrap _bootstrap;

    /// <summary>Resamples the subjects.</summary>
    /// <param name="models">The models, in the order of the table.</param>
    /// <param name="subjects">The subject of each example; null: unknown.</param>
    /// <param name="seed">Seed of the bootstrap.</param>
    public ModelVerdicts(IReadOnlyList<ModelVerdict> models, IReadOnlyList<int>? subjects, ulong seed)
    {
        _models = models;
        _bootstrap = new([.. models.Select(model => model.Trials.Select(trial => trial.Judged).ToList())], subjects, seed);
    }

    /// <summary>Number of subjects that the intervals resample.</summary>
    public int Subjects => _bootstrap.Subjects;

    /// <summary>The scores of each model.</summary>
    public List<ModelScores> Scores() => [.. _models.Select(Sum)];

    /// <summary>Each other model against the baseline; null where there is only one.</summary>
    /// <param name="baseline">Name of the baseline; null: the first.</param>
    public List<ModelComparison>? Comparisons(string? baseline)
    {
        if (_models.Count < 2) return null;
        int against = baseline is null ? 0 : _models.Select(model => model.Name).ToList().IndexOf(baseline);
        if (against < 0) throw new Attempts.PermanentWorkException($"the baseline '{baseline}' is none of the models asked for: {string.Join(", ", _models.Select(model => model.Name))}.");
        return [.. Enumerable.Range(0, _models.Count).Where(model => model != against).Select(model => new ModelComparison
        {
            Model = _models[model].Name,
            Baseline = _models[against].Name,
            Accuracy = Difference(against, model, Score.Accuracy),
            SenSpeF1 = Difference(against, model, Score.SenSpeF1),
            PrecisionRecallF1 = Difference(against, model, Score.PrecisionRecallF1),
            Auc = Difference(against, model, Score.Auc),
            Kappa = Difference(against, model, Score.Kappa),
        })];
    }

    private ScoreDifference? Difference(int baseline, int model, Score score) => _bootstrap.Compare(baseline, model, score) is { } interval
        ? new() { Difference = interval.Value, Low = interval.Low, High = interval.High }
        : null;

    private ModelScores Sum(ModelVerdict model, int index)
    {
        List<ClassificationMetrics> trials = [.. model.Trials.Select(trial => trial.Judged.Metrics)];
        int categories = trials[0].Confusion.K;
        return new()
        {
            Name = model.Name,
            Checkpoint = model.Trials[0].Asked.Checkpoint.Digest,
            Trials = trials.Count == 1 ? null : [.. model.Trials.Select(Trial)],
            Deviation = Deviation(trials),
            Accuracy = trials.Average(trial => trial.Accuracy),
            SenSpeF1 = Mean(trials, trial => trial.MacroSenSpeF1),
            SenSpeF1Interval = _bootstrap.Interval(index, Score.SenSpeF1) is { } interval ? [interval.Low, interval.High] : null,
            PrecisionRecallF1 = Mean(trials, trial => trial.MacroPrecisionRecallF1),
            Auc = Mean(trials, trial => trial.MacroAuc),
            Kappa = Mean(trials, trial => trial.Kappa),
            CategoryF1 = [.. Enumerable.Range(0, categories).Select(category => Mean(trials, trial => trial.Categories[category].SenSpeF1))],
            Confusion = [.. Enumerable.Range(0, categories).Select(truth => (IReadOnlyList<int>)[.. Enumerable.Range(0, categories)
                .Select(predicted => checked((int)trials.Sum(trial => trial.Confusion[truth, predicted])))])],
        };
    }

    private static TrialScores Trial((NamedCheckpoint Asked, JudgedTrial Judged) trial) => new()
    {
        Trial = trial.Asked.Trial ?? 1,
        Checkpoint = trial.Asked.Checkpoint.Digest,
        Accuracy = trial.Judged.Metrics.Accuracy,
        SenSpeF1 = trial.Judged.Metrics.MacroSenSpeF1,
        PrecisionRecallF1 = trial.Judged.Metrics.MacroPrecisionRecallF1,
        Auc = trial.Judged.Metrics.MacroAuc,
        Kappa = trial.Judged.Metrics.Kappa,
    };

    private static ScoreDeviation? Deviation(IReadOnlyList<ClassificationMetrics> trials) => trials.Count == 1 ? null : new()
    {
        Accuracy = Deviation(trials, trial => trial.Accuracy)!.Value,
        SenSpeF1 = Deviation(trials, trial => trial.MacroSenSpeF1),
        PrecisionRecallF1 = Deviation(trials, trial => trial.MacroPrecisionRecallF1),
        Auc = Deviation(trials, trial => trial.MacroAuc),
        Kappa = Deviation(trials, trial => trial.Kappa),
    };

    // A score that one trial has not is no mean of the others.
    private static double? Mean(IReadOnlyList<ClassificationMetrics> trials, Func<ClassificationMetrics, double?> score) =>
        trials.Any(trial => score(trial) is null) ? null : trials.Average(trial => score(trial)!.Value);

    private static double? Deviation(IReadOnlyList<ClassificationMetrics> trials, Func<ClassificationMetrics, double?> score) =>
        Mean(trials, score) is { } mean ? Math.Sqrt(trials.Sum(trial => Math.Pow(score(trial)!.Value - mean, 2)) / (trials.Count - 1)) : null;
}
