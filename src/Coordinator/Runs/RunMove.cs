using Factory.Contracts;
using Factory.Coordinator.Runs.Steps;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs;

/// <summary>What a run's next move is.</summary>
internal enum MoveKind
{
    /// <summary>Plan the step.</summary>
    Begin,

    /// <summary>Every item of the step is done: add what follows them, or seal it.</summary>
    Continue,

    /// <summary>Every item of the step is over, and some are poisoned.</summary>
    Fault,

    /// <summary>End the run: nothing is left that could move.</summary>
    Settle,
}

/// <summary>The next move of a run.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Run">The run, with its steps and collection.</param>
/// <param name="Step">The step it is about; absent when the run ends.</param>
internal sealed record RunMove(MoveKind Kind, Run Run, RunStep? Step)
{
    // Named one by one, so that the database finds the few that are open among millions that are not.
    private static readonly ItemState[] OpenStates = [ItemState.Pending, ItemState.Invited, ItemState.Running];

    /// <summary>Which of these runs may have a move, without reading any: those that have just come, and those with a step that has no open item left.</summary>
    public static IQueryable<Run> MayBeDue(FactoryDbContext database, IQueryable<Run> runs) => runs
        .Where(run => !run.Steps.Any(step => step.State == StepState.Running)
            || run.Steps.Any(step => step.State == StepState.Running
                && !database.WorkItems.Any(item => item.RunId == run.Id && OpenStates.Contains(item.State) && item.RunStepId == step.Id)));

    /// <summary>Reads the run and finds the move that is due; none when it waits for workers or is over.</summary>
    public static async Task<RunMove?> FindAsync(FactoryDbContext database, int runId, CancellationToken cancellationToken)
    {
        Run run = await database.Runs.Include(candidate => candidate.Steps)
            .Include(candidate => candidate.CollectionVersion.Collection).SingleAsync(candidate => candidate.Id == runId, cancellationToken);
        if (run.State is RunState.Completed or RunState.Faulted or RunState.Canceled) return null;
        foreach (RunStep step in run.Steps.OrderBy(step => step.Ordinal))
        {
            MoveKind? kind = step.State switch
            {
                StepState.Waiting when IsReady(run, step) => MoveKind.Begin,
                StepState.Running => await OfRunningAsync(database, step, cancellationToken),
                _ => null,
            };
            if (kind is { } due) return new(due, run, step);
        }
        return IsOver(run) ? new(MoveKind.Settle, run, null) : null;
    }

    private static bool IsReady(Run run, RunStep step)
    {
        IEnumerable<string> needs = step.Name == ReportPlanner.StepName
            ? run.Steps.Where(other => other.Id != step.Id).Select(other => other.Name)
            : run.Recipe.Steps.Single(candidate => candidate.Name == step.Name).Needs;
        return needs.All(need => run.Steps.Single(other => other.Name == need).State == StepState.Completed);
    }

    private static async Task<MoveKind?> OfRunningAsync(FactoryDbContext database, RunStep step, CancellationToken cancellationToken)
    {
        IQueryable<WorkItem> items = database.WorkItems.Where(item => item.RunId == step.RunId && item.RunStepId == step.Id);
        if (await items.AnyAsync(item => OpenStates.Contains(item.State), cancellationToken)) return null;
        return await items.AnyAsync(item => item.State == ItemState.Poisoned, cancellationToken) ? MoveKind.Fault : MoveKind.Continue;
    }

    private static bool IsOver(Run run) => run.Steps.All(step => step.State != StepState.Running)
        && (run.Steps.Any(step => step.State == StepState.Faulted) || run.Steps.All(step => step.State == StepState.Completed));
}
