using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs;

/// <summary>Describes runs as they stand.</summary>
internal sealed class RunSnapshots(IDbContextFactory<FactoryDbContext> databases, ProgressBoard board, RunSignal signal, IDatabaseClock clock, TimeProvider time)
{
    private const int MostRuns = 1000;
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    /// <summary>A page of runs, newest first. Recipes, which may be long, are not read.</summary>
    /// <param name="projects">Keys of the projects that are looked at; null: all.</param>
    /// <param name="before">Only runs before this one; null: from the newest on.</param>
    /// <param name="limit">Runs at most, 1 to 1,000.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    /// <exception cref="RefusedException">The limit is out of its range.</exception>
    public async Task<List<RunSummary>> ListAsync(IReadOnlyList<int>? projects, int? before, int limit, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MostRuns) throw RefusedException.Invalid($"limit is {limit}; it must be from 1 to {MostRuns}.");
        await using FactoryDbContext database = await OpenAsync(projects, cancellationToken);
        return await database.Runs.Where(run => before == null || run.Id < before).OrderByDescending(run => run.Id).Take(limit).Select(Summary).ToListAsync(cancellationToken);
    }

    /// <summary>The run now.</summary>
    /// <param name="projects">Keys of the projects that are looked at; null: all.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    /// <exception cref="RefusedException">They have no such run.</exception>
    public async Task<RunSnapshot> TakeAsync(IReadOnlyList<int>? projects, int runId, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await OpenAsync(projects, cancellationToken);
        Run run = await database.Runs.AsNoTracking().Include(candidate => candidate.Steps).Include(candidate => candidate.CollectionVersion.Collection)
            .SingleOrDefaultAsync(candidate => candidate.Id == runId, cancellationToken) ?? throw RefusedException.Missing($"there is no run {runId}.");
        Dictionary<int, List<ItemGroup>> groups = (await database.WorkItems.Where(item => item.RunId == runId)
            .GroupBy(item => new { item.RunStepId, item.State })
            .Select(group => new ItemGroup(group.Key.RunStepId, group.Key.State, group.Count(), group.Sum(item => item.Units)))
            .ToListAsync(cancellationToken)).GroupBy(group => group.StepId).ToDictionary(group => group.Key, group => group.ToList());
        List<WorkItem> running = await database.WorkItems.AsNoTracking()
            .Where(item => item.RunId == runId && item.State == ItemState.Running).ToListAsync(cancellationToken);
        List<PoisonedItem> poisoned = await database.WorkItems.AsNoTracking()
            .Where(item => item.RunId == runId && item.State == ItemState.Poisoned).OrderBy(item => item.Id).Take(100)
            .Select(item => new PoisonedItem { ItemId = item.Id, Step = item.RunStep.Name, Ordinal = item.Ordinal, Attempts = item.AttemptCount, Error = item.LastError ?? "" })
            .ToListAsync(cancellationToken);
        DateTime now = await clock.NowAsync(database, cancellationToken);
        return new()
        {
            Run = Summarize(run),
            Steps = [.. run.Steps.OrderBy(step => step.Ordinal).Select(step => Describe(run, step, groups.GetValueOrDefault(step.Id, []), running, now))],
            Poisoned = poisoned,
        };
    }

    /// <summary>A snapshot at each change, and every second, until the run's state is final.</summary>
    /// <param name="projects">Keys of the projects that are looked at; null: all.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <exception cref="RefusedException">They have no such run.</exception>
    public async IAsyncEnumerable<RunSnapshot> WatchAsync(IReadOnlyList<int>? projects, int runId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed = signal.Changed;
            RunSnapshot snapshot = await TakeAsync(projects, runId, cancellationToken);
            yield return snapshot;
            if (snapshot.IsFinal) yield break;
            await Task.WhenAny(changed, Task.Delay(WatchInterval, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task<FactoryDbContext> OpenAsync(IReadOnlyList<int>? projects, CancellationToken cancellationToken)
    {
        FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        database.VisibleProjects = projects;
        return database;
    }

    internal static RunSummary Summarize(Run run) => Summarizing(run);

    private static readonly Expression<Func<Run, RunSummary>> Summary = run => new()
    {
        Id = run.Id,
        Project = run.CollectionVersion.Collection.Project.Name,
        Name = run.Name,
        Collection = run.CollectionVersion.Collection.Name + "@" + run.CollectionVersion.Version,
        State = run.State,
        Error = run.Error,
        Recipe = run.RecipeDigest,
        Numerics = run.Numerics,
        CreatedAt = run.CreatedAt,
        FinishedAt = run.FinishedAt,
    };

    private static readonly Func<Run, RunSummary> Summarizing = Summary.Compile();

    private StepSnapshot Describe(Run run, RunStep step, List<ItemGroup> groups, List<WorkItem> running, DateTime now)
    {
        List<AttemptProgressed> alive = [.. running.Where(item => item.RunStepId == step.Id)
            .Select(item => board.Find(item.Id, item.AttemptCount)).OfType<AttemptProgressed>()];
        long done = groups.Where(group => group.State == ItemState.Completed).Sum(group => group.Units) + alive.Sum(progress => progress.Done);
        double? rate = step.State == StepState.Running ? board.Rate(step.Id, done) : null;
        return new()
        {
            Name = step.Name,
            Kind = step.Kind,
            State = step.State,
            ItemsDone = groups.Where(group => group.State == ItemState.Completed).Sum(group => group.Count),
            Items = groups.Sum(group => group.Count),
            Done = done,
            Total = step.State == StepState.Completed ? done : step.Units,
            Unit = step.Unit,
            Rate = rate,
            SecondsLeft = rate is > 0 && step.Units >= done ? (step.Units - done) / rate : null,
            Seconds = step.StartedAt is { } started ? ((step.FinishedAt ?? now) - started).TotalSeconds : null,
            Note = step.Error ?? Note(RoundsNote(run, step, groups), alive.Select(progress => progress.Note).LastOrDefault(note => note is not null)),
            Output = step.Output,
        };
    }

    private static string? Note(string? rounds, string? word) => (rounds, word) is ({ } first, { } second) ? $"{first}; {second}" : rounds ?? word;

    /// <summary>Where a training over replicas is: <c>round 3 of 12, 4 replicas</c>; null for other steps and before they begin.</summary>
    private static string? RoundsNote(Run run, RunStep step, List<ItemGroup> groups)
    {
        if (run.Recipe.Steps.FirstOrDefault(candidate => candidate.Name == step.Name) is not ClassifierTrainingStep { Rounds: { } rounds } || groups.Count == 0) return null;
        // Of each round a segment a replica, and the averaging.
        int planned = (groups.Sum(group => group.Count) + rounds.Replicas) / (rounds.Replicas + 1);
        return step.State == StepState.Completed ? $"{planned} rounds of {rounds.Replicas} replicas" : $"round {planned} of {rounds.Count((int)step.Units)}, {rounds.Replicas} replicas";
    }

    private sealed record ItemGroup(int StepId, ItemState State, int Count, long Units);
}
