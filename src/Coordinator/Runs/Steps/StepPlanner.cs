using Factory.Contracts.Api;
using Factory.Contracts.Work;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>Plans the work items of one kind of step. Deterministic: the same recipe and inputs give the same items.</summary>
internal abstract class StepPlanner
{
    /// <summary>The kind of step, as recipes write it.</summary>
    public abstract string Kind { get; }

    /// <summary>What a unit of work is.</summary>
    public abstract string Unit { get; }

    /// <summary>The items that can be planned once the step's inputs are there.</summary>
    public abstract IAsyncEnumerable<PlannedItem> BeginAsync(StepScope scope, CancellationToken cancellationToken);

    /// <summary>Whether items may follow those that the step begins with, once these are completed: the next segment of a chain, the next round, or what looks at all that was made.</summary>
    public virtual bool GoesOn(StepScope scope) => false;

    /// <summary>The items after <paramref name="last"/>, once all items of a step that goes on are completed; none when no more follow.</summary>
    public virtual Task<IReadOnlyList<PlannedItem>> NextAsync(StepScope scope, WorkItem last, CancellationToken cancellationToken) => Chain(null);

    /// <summary>What follows in a chain, which has one item at a time.</summary>
    protected static Task<IReadOnlyList<PlannedItem>> Chain(PlannedItem? next) => Task.FromResult<IReadOnlyList<PlannedItem>>(next is null ? [] : [next]);

    /// <summary>What the step made, once all its items are completed.</summary>
    public abstract Task<StepOutput> SealAsync(StepScope scope, CancellationToken cancellationToken);
}

/// <summary>A work item about to be written down.</summary>
/// <param name="Command">Its invitation.</param>
/// <param name="Units">Units of work in it.</param>
internal sealed record PlannedItem(IWorkCommand Command, long Units);
