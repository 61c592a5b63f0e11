using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Coordinator.Runs.Steps;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs;

/// <summary>Moves a run on: begins the steps whose inputs are there, adds the next segment to chains, seals the steps whose items are all completed. Idempotent; each step forward is one transaction.</summary>
internal sealed partial class RunAdvance(
    IDbContextFactory<FactoryDbContext> databases, IObjectStore objects, IEnumerable<StepPlanner> planners,
    Microsoft.Extensions.Options.IOptions<RunOptions> options, TimeProvider time, ILogger<RunAdvance> logger)
{
    private const int PageSize = 1000;
    private readonly Dictionary<string, StepPlanner> _planners = planners.ToDictionary(planner => planner.Kind);

    /// <summary>Moves the run as far as it goes now.</summary>
    public async Task AdvanceAsync(int runId, CancellationToken cancellationToken)
    {
        try
        {
            while (await MoveAsync(runId, cancellationToken))
            {
            }
        }
        catch (DbUpdateConcurrencyException)
        {
            // Canceled meanwhile: the move was not made, and there is none to make any more.
        }
    }

    private async Task<bool> MoveAsync(int runId, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        Run run = await database.Runs.Include(candidate => candidate.Steps)
            .Include(candidate => candidate.CollectionVersion.Collection).SingleAsync(candidate => candidate.Id == runId, cancellationToken);
        if (run.State is RunState.Completed or RunState.Faulted or RunState.Canceled) return false;
        foreach (RunStep step in run.Steps.OrderBy(step => step.Ordinal))
        {
            StepScope scope = new(database, objects, run, step);
            bool moved = step.State switch
            {
                StepState.Waiting when IsReady(run, step) => await GuardAsync(scope, BeginAsync, cancellationToken),
                StepState.Running => await GuardAsync(scope, ContinueAsync, cancellationToken),
                _ => false,
            };
            if (moved) return true;
        }
        return await SettleAsync(database, run, cancellationToken);
    }

    private static bool IsReady(Run run, RunStep step)
    {
        IEnumerable<string> needs = step.Name == ReportPlanner.StepName
            ? run.Steps.Where(other => other.Id != step.Id).Select(other => other.Name)
            : run.Recipe.Steps.Single(candidate => candidate.Name == step.Name).Needs;
        return needs.All(need => run.Steps.Single(other => other.Name == need).State == StepState.Completed);
    }

    /// <summary>A step whose plan turns out impossible is faulted with the reason; everything else is the host's problem.</summary>
    private async Task<bool> GuardAsync(StepScope scope, Func<StepScope, CancellationToken, Task<bool>> move, CancellationToken cancellationToken)
    {
        try
        {
            return await move(scope, cancellationToken);
        }
        catch (Exception reason) when (reason is RefusedException or Contracts.Sampling.SamplePlanException)
        {
            await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
            await database.RunSteps.Where(step => step.Id == scope.Step.Id).ExecuteUpdateAsync(
                set => set.SetProperty(step => step.State, StepState.Faulted).SetProperty(step => step.Error, reason.Message), cancellationToken);
            return true;
        }
    }

    private async Task<bool> BeginAsync(StepScope scope, CancellationToken cancellationToken)
    {
        StepPlanner planner = _planners[scope.Step.Kind];
        await using var transaction = await scope.Database.Database.BeginTransactionAsync(cancellationToken);
        scope.Step.State = StepState.Running;
        scope.Step.StartedAt = time.GetUtcNow().UtcDateTime;
        scope.Step.Unit = planner.Unit;
        scope.Run.State = scope.Step.Name == ReportPlanner.StepName ? RunState.Sealing : RunState.Running;
        long ordinal = 0;
        List<WorkItem> page = [];
        await foreach (PlannedItem planned in planner.BeginAsync(scope, cancellationToken))
        {
            page.Add(NewItem(scope, planned, ordinal++));
            if (page.Count == PageSize) await WritePageAsync(scope.Database, page, cancellationToken);
        }
        await WritePageAsync(scope.Database, page, cancellationToken);
        scope.Step.PlanComplete = planner is not (ClassifierTraining or TrainGeneratorPlanner);
        await scope.Database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogBegun(scope.Run.Id, scope.Step.Name, ordinal);
        return true;
    }

    // Written items leave the change tracker, so that memory does not grow with the plan.
    private static async Task WritePageAsync(FactoryDbContext database, List<WorkItem> page, CancellationToken cancellationToken)
    {
        database.WorkItems.AddRange(page);
        await database.SaveChangesAsync(cancellationToken);
        foreach (WorkItem item in page) database.Entry(item).State = EntityState.Detached;
        page.Clear();
    }

    private WorkItem NewItem(StepScope scope, PlannedItem planned, long ordinal) => new()
    {
        RunId = scope.Run.Id,
        RunStepId = scope.Step.Id,
        Ordinal = ordinal,
        Kind = planned.Command.GetType().Name,
        Spec = WorkCommands.Store(planned.Command),
        Units = planned.Units,
        State = ItemState.Pending,
        AttemptLimit = options.Value.AttemptLimit,
        NotBefore = time.GetUtcNow().UtcDateTime,
    };

    private async Task<bool> ContinueAsync(StepScope scope, CancellationToken cancellationToken)
    {
        IQueryable<WorkItem> items = scope.Database.WorkItems.Where(item => item.RunStepId == scope.Step.Id);
        if (await items.AnyAsync(item => item.State != ItemState.Completed && item.State != ItemState.Poisoned, cancellationToken)) return false;
        if (await items.AnyAsync(item => item.State == ItemState.Poisoned, cancellationToken)) return await FaultAsync(scope, items, cancellationToken);
        if (!scope.Step.PlanComplete)
        {
            WorkItem last = await items.OrderByDescending(item => item.Ordinal).FirstAsync(cancellationToken);
            if (_planners[scope.Step.Kind].Next(scope, last) is { } next) scope.Database.WorkItems.Add(NewItem(scope, next, last.Ordinal + 1));
            else scope.Step.PlanComplete = true;
        }
        else
        {
            scope.Step.Output = await _planners[scope.Step.Kind].SealAsync(scope, cancellationToken);
            scope.Step.State = StepState.Completed;
            scope.Step.FinishedAt = time.GetUtcNow().UtcDateTime;
            await StepCheckpoint.RegisterAsync(scope, time, cancellationToken);
            LogSealed(scope.Run.Id, scope.Step.Name);
        }
        await scope.Database.SaveChangesAsync(cancellationToken);
        return true;
    }

    private static async Task<bool> FaultAsync(StepScope scope, IQueryable<WorkItem> items, CancellationToken cancellationToken)
    {
        List<WorkItem> poisoned = await items.AsNoTracking().Where(item => item.State == ItemState.Poisoned)
            .OrderBy(item => item.Ordinal).Take(3).ToListAsync(cancellationToken);
        int count = await items.CountAsync(item => item.State == ItemState.Poisoned, cancellationToken);
        scope.Step.State = StepState.Faulted;
        scope.Step.Error = $"{count} of its items poisoned: " + string.Join("; ", poisoned.Select(item =>
            $"item {item.Id} ({scope.Step.Name}/{item.Ordinal}) after {item.AttemptCount} attempts: {item.LastError}"));
        await scope.Database.SaveChangesAsync(cancellationToken);
        return true;
    }

    /// <summary>Ends the run when nothing is left that could move.</summary>
    private async Task<bool> SettleAsync(FactoryDbContext database, Run run, CancellationToken cancellationToken)
    {
        if (run.Steps.Any(step => step.State == StepState.Running)) return false;
        RunStep? faulted = run.Steps.OrderBy(step => step.Ordinal).FirstOrDefault(step => step.State == StepState.Faulted);
        if (faulted is null && run.Steps.Any(step => step.State != StepState.Completed)) return false;
        run.State = faulted is null ? RunState.Completed : RunState.Faulted;
        run.Error = faulted is null ? null : $"step {faulted.Name}: {faulted.Error}";
        run.FinishedAt = time.GetUtcNow().UtcDateTime;
        await database.SaveChangesAsync(cancellationToken);
        LogSettled(run.Id, run.State, run.Error);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId}: step {Step} begun with {Items} items")]
    private partial void LogBegun(int runId, string step, long items);

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId}: step {Step} completed")]
    private partial void LogSealed(int runId, string step);

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId}: {State} {Error}")]
    private partial void LogSettled(int runId, RunState state, string? error);
}
