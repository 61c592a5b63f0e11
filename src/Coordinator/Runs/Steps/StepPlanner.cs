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

    /// <summary>The item after <paramref name="last"/>, in steps that are chains of segments; none when the chain is over.</summary>
    public virtual PlannedItem? Next(StepScope scope, WorkItem last) => null;

    /// <summary>The items after <paramref name="last"/>, once all items of the step are completed; none when the step is over. A chain of segments has one at a time.</summary>
    public virtual Task<IReadOnlyList<PlannedItem>> NextAsync(StepScope scope, WorkItem last, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<PlannedItem>>(Next(scope, last) is { } next ? [next] : []);

    /// <summary>What the step made, once all its items are completed.</summary>
    public abstract Task<StepOutput> SealAsync(StepScope scope, CancellationToken cancellationToken);
}

/// <summary>A work item about to be written down.</summary>
/// <param name="Command">Its invitation.</param>
/// <param name="Units">Units of work in it.</param>
internal sealed record PlannedItem(IWorkCommand Command, long Units);
