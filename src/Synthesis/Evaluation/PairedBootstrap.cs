namespace Factory.Synthesis.Evaluation;

/// <summary>A value with its bootstrap confidence interval.</summary>
/// <param name="Value">The value on all examples: a score, or a model's score minus another's.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
/// <param name="Resamples">Resamples in which it was defined.</param>
public sealed record BootstrapInterval(double Value, double Low, double High, int Resamples);

/// <summary>
/// Whether models judged on the same examples differ by more than the choice of examples: percentile bootstrap. What is resampled are subjects, with all their examples, because
/// two images of one person, or two pairs that share an image, are not two independent observations; every model sees the same resamples. A model is one classifier, or several
/// trials of it (equal but for their seeds), whose scores are averaged within each resample: the interval is about the examples, given these trainings, and says nothing of
/// other seeds. Sources: Efron, 1979; Field and Welsh, J. R. Stat. Soc. B 69, 2007 (resampling clusters).
/// </summary>
public sealed class PairedBootstrap
{
    private static readonly int Scores = Enum.GetValues<Score>().Length;

    private readonly double[][] _whole;
    private readonly double[][][] _resampled;
    private readonly double _confidence;

    /// <summary>Scores all models on all resamples.</summary>
    /// <param name="models">The trials of each model, at least one; all of the same examples in the same order.</param>
    /// <param name="subjects">The subject of each example, any number that names it; null: each example is a subject of its own.</param>
    /// <param name="seed">Seed of the resampling; equal seeds give equal intervals.</param>
    /// <param name="resamples">Resamples drawn, at least 100. Default 1000.</param>
    /// <param name="confidence">Confidence, above 0 and below 1. Default 0.95.</param>
    /// <exception cref="ArgumentException">A model has no trial, or lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public PairedBootstrap(IReadOnlyList<IReadOnlyList<JudgedTrial>> models, IReadOnlyList<int>? subjects, ulong seed, int resamples = 1000, double confidence = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 100);
        if (!(confidence > 0 && confidence < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "A confidence lies between 0 and 1.");
        if (models.Count == 0 || models.Any(trials => trials.Count == 0))
            throw new ArgumentException("A comparison needs models, and each model a trial.", nameof(models));
        var examples = models[0][0].Count;
        if (models.Any(trials => trials.Any(trial => trial.Count != examples)) || (subjects is not null && subjects.Count != examples))
            throw new ArgumentException($"A paired comparison needs the same {examples} examples of every model, and a subject of each.", nameof(models));
        _confidence = confidence;
        int[][] members = [.. Enumerable.Range(0, examples).GroupBy(i => subjects?[i] ?? i).Select(subject => subject.ToArray())];
        Subjects = members.Length;
        _whole = [.. models.Select(trials => Means(trials, [.. Enumerable.Repeat(1, examples)]))];
        _resampled = [.. models.Select(_ => new double[resamples][])];
        Resample(models, members, examples, seed);
    }

    /// <summary>Number of subjects that are resampled.</summary>
    public int Subjects { get; }

    /// <summary>The interval of a model's score, averaged over its trials.</summary>
    /// <param name="model">Index of the model.</param>
    /// <param name="score">The score.</param>
    /// <returns>The interval; null where the score is undefined on all examples.</returns>
    public BootstrapInterval? Interval(int model, Score score) =>
        Summarize(_whole[model][(int)score], _resampled[model].Select(means => means[(int)score]));

    /// <summary>The interval of a difference of two models' scores, each averaged over its trials.</summary>
    /// <param name="baseline">Index of the model that is subtracted.</param>
    /// <param name="model">Index of the other.</param>
    /// <param name="score">The score.</param>
    /// <returns>The difference and its interval; null where a score is undefined on all examples.</returns>
    public BootstrapInterval? Compare(int baseline, int model, Score score) => Summarize(
        _whole[model][(int)score] - _whole[baseline][(int)score],
        _resampled[model].Zip(_resampled[baseline], (means, others) => means[(int)score] - others[(int)score]));

    private void Resample(IReadOnlyList<IReadOnlyList<JudgedTrial>> models, int[][] members, int examples, ulong seed)
    {
        var rng = new Rng(seed);
        var weights = new int[examples];
        for (var r = 0; r < _resampled[0].Length; r++)
        {
            Array.Clear(weights);
            for (var draw = 0; draw < members.Length; draw++)
            {
                foreach (var example in members[rng.NextInt(members.Length)])
                    weights[example]++;
            }

            for (var model = 0; model < models.Count; model++)
                _resampled[model][r] = Means(models[model], weights);
        }
    }

    // NaN where a trial's score is undefined: a mean over the others would be of other examples.
    private static double[] Means(IReadOnlyList<JudgedTrial> trials, int[] weights)
    {
        var means = new double[Scores];
        foreach (var trial in trials)
        {
            var scores = trial.Scores(weights);
            for (var s = 0; s < Scores; s++)
                means[s] += (scores[s] ?? double.NaN) / trials.Count;
        }

        return means;
    }

    private BootstrapInterval? Summarize(double whole, IEnumerable<double> resampled)
    {
        List<double> drawn = [.. resampled.Where(double.IsFinite).Order()];
        if (!double.IsFinite(whole) || drawn.Count == 0)
            return null;
        var tail = (1 - _confidence) / 2;
        return new BootstrapInterval(whole, Quantiles.Of(drawn, tail), Quantiles.Of(drawn, 1 - tail), drawn.Count);
    }
}
