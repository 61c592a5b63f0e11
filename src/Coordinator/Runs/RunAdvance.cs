using System.Diagnostics;
using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Coordinator.Projects;
using Factory.Coordinator.Runs.Steps;
using Factory.Coordinator.Telemetry;
using Factory.Hosting.Telemetry;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs;

/// <summary>
/// Moves a run on: begins the steps whose inputs are there, adds the next segments to chains and rounds, seals the steps whose items are all completed. Each move is one transaction that takes
/// the run's row and finds the move anew: two coordinators that advance one run at once make each move once.
/// </summary>
internal sealed partial class RunAdvance(
    IDbContextFactory<FactoryDbContext> databases, IObjectStore objects, IEnumerable<StepPlanner> planners,
    Microsoft.Extensions.Options.IOptions<RunOptions> options, IDatabaseClock clock, CoordinatorMeter meter, ILogger<RunAdvance> logger)
{
    private const int PageSize = 1000;
    private readonly Dictionary<string, StepPlanner> _planners = planners.ToDictionary(planner => planner.Kind);

    /// <summary>Moves the run as far as it goes now.</summary>
    public async Task AdvanceAsync(int runId, CancellationToken cancellationToken)
    {
        while (await MoveAsync(runId, cancellationToken))
        {
        }
    }

    private async Task<bool> MoveAsync(int runId, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        // Most rounds find nothing to do; only a move that seems due is worth a lock.
        if (await RunMove.FindAsync(database, runId, cancellationToken) is null) return false;
        database.ChangeTracker.Clear();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await RunLock.TakeAsync(database, runId, cancellationToken);
        if (await RunMove.FindAsync(database, runId, cancellationToken) is not { } move) return false;
        using Activity? span = FactoryTrace.Continue(SpanOf(move.Kind), move.Run.TraceParent, apart: false, new(FactoryTrace.Run, runId), new(FactoryTrace.Step, move.Step?.Name));
        using IDisposable? scope = logger.BeginScope(new Dictionary<string, object?> { ["RunId"] = runId, ["Step"] = move.Step?.Name });
        // What its recipe names is found in its own project.
        database.VisibleProjects = [move.Run.ProjectId];
        try
        {
            await MakeAsync(database, move, cancellationToken);
            await database.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            if (move.Kind == MoveKind.Settle) meter.Ended(move.Run.State);
        }
        // A step whose plan turns out impossible is faulted with the reason; everything else is the host's problem.
        catch (Exception reason) when (reason is RefusedException or Contracts.Sampling.SamplePlanException && move.Step is not null)
        {
            span.Fail(reason);
            await transaction.RollbackAsync(cancellationToken);
            await RefuseAsync(move.Run.Id, move.Step.Id, reason.Message, cancellationToken);
        }
        return true;
    }

    private static string SpanOf(MoveKind kind) => kind switch
    {
        MoveKind.Begin => "plan step",
        MoveKind.Continue => "continue step",
        MoveKind.Fault => "fault step",
        _ => "end run",
    };

    private Task MakeAsync(FactoryDbContext database, RunMove move, CancellationToken cancellationToken) => move.Kind switch
    {
        MoveKind.Begin => BeginAsync(new(database, objects, move.Run, move.Step!), cancellationToken),
        MoveKind.Continue => ContinueAsync(new(database, objects, move.Run, move.Step!), cancellationToken),
        MoveKind.Fault => FaultAsync(new(database, objects, move.Run, move.Step!), cancellationToken),
        _ => SettleAsync(database, move.Run, cancellationToken),
    };

    private async Task RefuseAsync(int runId, int stepId, string reason, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await RunLock.TakeAsync(database, runId, cancellationToken);
        await database.RunSteps.Where(step => step.Id == stepId && (step.State == StepState.Waiting || step.State == StepState.Running)).ExecuteUpdateAsync(
            set => set.SetProperty(step => step.State, StepState.Faulted).SetProperty(step => step.Error, reason), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task BeginAsync(StepScope scope, CancellationToken cancellationToken)
    {
        StepPlanner planner = _planners[scope.Step.Kind];
        scope.Step.State = StepState.Running;
        DateTime now = await clock.NowAsync(scope.Database, cancellationToken);
        scope.Step.StartedAt = now;
        scope.Step.Unit = planner.Unit;
        scope.Run.State = scope.Step.Name == ReportPlanner.StepName ? RunState.Sealing : RunState.Running;
        long ordinal = 0;
        List<WorkItem> page = [];
        await foreach (PlannedItem planned in planner.BeginAsync(scope, cancellationToken))
        {
            page.Add(NewItem(scope, planned, ordinal++, now));
            if (page.Count == PageSize) await WritePageAsync(scope.Database, page, cancellationToken);
        }
        await WritePageAsync(scope.Database, page, cancellationToken);
        if (ordinal >= PageSize) await scope.Database.AnalyzeWorkItemsAsync(cancellationToken);
        scope.Step.PlanComplete = !planner.GoesOn(scope);
        LogBegun(scope.Run.Id, scope.Step.Name, ordinal);
    }

    // Written items leave the change tracker, so that memory does not grow with the plan.
    private static async Task WritePageAsync(FactoryDbContext database, List<WorkItem> page, CancellationToken cancellationToken)
    {
        database.WorkItems.AddRange(page);
        await database.SaveChangesAsync(cancellationToken);
        foreach (WorkItem item in page) database.Entry(item).State = EntityState.Detached;
        page.Clear();
    }

    private WorkItem NewItem(StepScope scope, PlannedItem planned, long ordinal, DateTime now) => new()
    {
        RunId = scope.Run.Id,
        RunStepId = scope.Step.Id,
        Ordinal = ordinal,
        Kind = planned.Command.GetType().Name,
        Spec = WorkCommands.Store(planned.Command),
        Units = planned.Units,
        State = ItemState.Pending,
        AttemptLimit = options.Value.AttemptLimit,
        NotBefore = now,
    };

    private async Task ContinueAsync(StepScope scope, CancellationToken cancellationToken)
    {
        if (!scope.Step.PlanComplete)
        {
            WorkItem last = await Items(scope).OrderByDescending(item => item.Ordinal).FirstAsync(cancellationToken);
            IReadOnlyList<PlannedItem> next = await _planners[scope.Step.Kind].NextAsync(scope, last, cancellationToken);
            DateTime planned = await clock.NowAsync(scope.Database, cancellationToken);
            scope.Database.WorkItems.AddRange(next.Select((item, number) => NewItem(scope, item, last.Ordinal + 1 + number, planned)));
            scope.Step.PlanComplete = next.Count == 0;
            return;
        }
        scope.Step.Output = await _planners[scope.Step.Kind].SealAsync(scope, cancellationToken);
        await ProjectBlobs.AddOfRunAsync(scope.Database, scope.Run.Id, ProjectBlobs.Of(scope.Step.Output), cancellationToken);
        scope.Step.State = StepState.Completed;
        DateTime now = await clock.NowAsync(scope.Database, cancellationToken);
        scope.Step.FinishedAt = now;
        await StepCheckpoint.RegisterAsync(scope, now, cancellationToken);
        LogSealed(scope.Run.Id, scope.Step.Name);
    }

    private static async Task FaultAsync(StepScope scope, CancellationToken cancellationToken)
    {
        IQueryable<WorkItem> poisoned = Items(scope).Where(item => item.State == ItemState.Poisoned);
        List<WorkItem> first = await poisoned.AsNoTracking().OrderBy(item => item.Ordinal).Take(3).ToListAsync(cancellationToken);
        int count = await poisoned.CountAsync(cancellationToken);
        scope.Step.State = StepState.Faulted;
        scope.Step.Error = $"{count} of its items poisoned: " + string.Join("; ", first.Select(item =>
            $"item {item.Id} ({scope.Step.Name}/{item.Ordinal}) after {item.AttemptCount} attempts: {item.LastError}"));
    }

    private static IQueryable<WorkItem> Items(StepScope scope) => scope.Database.WorkItems.Where(item => item.RunStepId == scope.Step.Id);

    private async Task SettleAsync(FactoryDbContext database, Run run, CancellationToken cancellationToken)
    {
        RunStep? faulted = run.Steps.OrderBy(step => step.Ordinal).FirstOrDefault(step => step.State == StepState.Faulted);
        run.State = faulted is null ? RunState.Completed : RunState.Faulted;
        run.Error = faulted is null ? null : $"step {faulted.Name}: {faulted.Error}";
        run.FinishedAt = await clock.NowAsync(database, cancellationToken);
        await ProjectLedger.SettleAsync(database, run, cancellationToken);
        LogSettled(run.Id, run.State, run.Error);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId}: step {Step} begun with {Items} items")]
    private partial void LogBegun(int runId, string step, long items);

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId}: step {Step} completed")]
    private partial void LogSealed(int runId, string step);

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId}: {State} {Error}")]
    private partial void LogSettled(int runId, RunState state, string? error);
}
