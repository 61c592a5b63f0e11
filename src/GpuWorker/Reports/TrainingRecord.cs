using Factory.Contracts.Recipes;
using Factory.Contracts.Work;

namespace Factory.GpuWorker.Reports;

/// <summary>The training of a step, all of its trials together.</summary>
/// <param name="Name">The step's name, without a trial's number.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Curves">The curve of each trial, in order.</param>
/// <param name="Preview">The last preview grid of a generator, a PNG; null where none was asked for.</param>
internal sealed record TrainingRecord(string Name, string Kind, IReadOnlyList<TrainingCurve> Curves, byte[]? Preview)
{
    /// <summary>Gathers the trials of each step.</summary>
    public static IReadOnlyList<TrainingRecord> Of(IEnumerable<ResolvedStep> steps) => [.. steps.Where(step => step.Curve is not null)
        .GroupBy(step => StepTrial.Of(step.Step.Name).Step)
        .Select(trials => new TrainingRecord(trials.Key, trials.First().Step.Kind, [.. trials.Select(trial => trial.Curve!)], trials.First().Preview))];
}
