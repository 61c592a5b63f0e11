using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Plans;

/// <summary>How fast one worker did a kind of work on a kind of device.</summary>
/// <param name="Shape">The work.</param>
/// <param name="Device">Kind of device.</param>
/// <param name="UnitsPerSecond">Samples, images or optimization steps a second.</param>
/// <param name="Attempts">Attempts measured.</param>
internal sealed record MeasuredRate(WorkShape Shape, string Device, double UnitsPerSecond, int Attempts);

/// <summary>Measures speeds from the attempts that were committed of late: what they recorded is enough, nothing is written for it.</summary>
internal sealed class Rates(FactoryDbContext database)
{
    /// <summary>So many attempts make a rate; older ones are left out.</summary>
    private const int Enough = 40;

    /// <summary>So many runs are looked at.</summary>
    private const int Runs = 100;

    /// <summary>The rates of some kinds of work, by the newest runs first.</summary>
    public async Task<List<MeasuredRate>> ReadAsync(IReadOnlySet<WorkShape> wanted, CancellationToken cancellationToken)
    {
        Dictionary<(WorkShape Shape, string Device), Tally> tallies = [];
        List<Run> runs = await database.Runs.AsNoTracking().Include(run => run.Steps).OrderByDescending(run => run.Id).Take(Runs).ToListAsync(cancellationToken);
        foreach (Run run in runs)
        {
            WorkShapes shapes = await WorkShapes.OfAsync(database, run.Recipe, cancellationToken);
            foreach (RecipeStep step in run.Recipe.Steps)
            {
                if (shapes.Of(step) is not { } shape || !wanted.Contains(shape)) continue;
                Tally tally = tallies.GetValueOrDefault((shape, run.Numerics.Device));
                if (tally.Attempts >= Enough) continue;
                int stepId = run.Steps.Single(candidate => candidate.Name == step.Name).Id;
                tallies[(shape, run.Numerics.Device)] = await AddAsync(tally, stepId, step, shape.Work, cancellationToken);
            }
        }
        return [.. tallies.Where(tally => tally.Value.Seconds > 0 && tally.Value.Units > 0)
            .Select(tally => new MeasuredRate(tally.Key.Shape, tally.Key.Device, tally.Value.Units / tally.Value.Seconds, tally.Value.Attempts))];
    }

    private async Task<Tally> AddAsync(Tally tally, int stepId, RecipeStep step, string work, CancellationToken cancellationToken)
    {
        var committed = await database.WorkItems.AsNoTracking()
            .Where(item => item.RunStepId == stepId && item.Kind == work && item.State == ItemState.Completed)
            .OrderByDescending(item => item.Ordinal).Take(Enough - tally.Attempts)
            .Join(database.Attempts.Where(attempt => attempt.Outcome == "committed"), item => item.Id, attempt => attempt.WorkItemId,
                (item, attempt) => new { item.Ordinal, item.Units, item.Result, attempt.StartedAt, attempt.EndedAt })
            .ToListAsync(cancellationToken);
        foreach (var attempt in committed)
        {
            (double units, double seconds) = Measure(step, attempt.Ordinal, attempt.Units, attempt.Result!, (attempt.EndedAt!.Value - attempt.StartedAt).TotalSeconds);
            tally = new(tally.Units + units, tally.Seconds + seconds, tally.Attempts + 1);
        }
        return tally;
    }

    private static (double Units, double Seconds) Measure(RecipeStep step, long ordinal, long units, string result, double seconds) => step switch
    {
        // The last segment may end early: its result knows, the plan does not.
        // A replica's segment is as long as planned.
        ClassifierTrainingStep { Rounds: not null } => (units, seconds),
        ClassifierTrainingStep training => (StepsDone(result) - (ordinal * training.SegmentSteps), seconds),
        TrainGeneratorStep training => (StepsDone(result) - (ordinal * training.SegmentSteps), seconds),
        TrainLabelGeneratorStep training => (StepsDone(result) - (ordinal * training.SegmentSteps), seconds),
        // Without the way of the messages.
        SynthesizeStep => (units, JsonSerializer.Deserialize<ShardGenerated>(result, ContractJson.Options)!.WallSeconds),
        _ => (units, seconds),
    };

    private static int StepsDone(string result) => JsonSerializer.Deserialize<SegmentTrained>(result, ContractJson.Options)!.StepsDone;

    private readonly record struct Tally(double Units, double Seconds, int Attempts);
}
