using Factory.Contracts.Recipes;

namespace Factory.Contracts.Work;

/// <summary>What every invitation says first: which item, of which run, under which numerics.</summary>
public sealed record WorkOrder
{
    /// <summary>The run.</summary>
    public required int RunId { get; init; }

    /// <summary>The work item, unique over all runs.</summary>
    public required long ItemId { get; init; }

    /// <summary>Name of the recipe step the item belongs to.</summary>
    public required string Step { get; init; }

    /// <summary>What changes bits; pinned for the run.</summary>
    public required Numerics Numerics { get; init; }

    /// <summary>Version of the contracts the invitation was written in; see <see cref="WorkContract.Version"/>.</summary>
    public int? Contract { get; init; }
}

/// <summary>The agreement between coordinator and workers.</summary>
public static class WorkContract
{
    /// <summary>Version of the messages. Raised when an older worker would misread a newer invitation.</summary>
    public const int Version = 2;
}

/// <summary>An invitation to do one attempt at one work item. The work-item table is the truth: a worker claims an attempt before it computes.</summary>
public interface IWorkCommand
{
    /// <summary>Which item, and under which numerics.</summary>
    WorkOrder Order { get; }
}

/// <summary>One try at one item.</summary>
public sealed record AttemptRef
{
    /// <summary>The work item.</summary>
    public required long ItemId { get; init; }

    /// <summary>The try, counted from 1. A result of any but the latest is refused.</summary>
    public required int Number { get; init; }
}

/// <summary>Asks the coordinator for the right to compute an item. The attempt is counted before it begins, so that an item that kills its worker is counted too.</summary>
public sealed record ClaimAttempt
{
    /// <summary>Attempts granted to one claim at most: bounds what a worker that dies leaves behind, and how many rows a transaction holds.</summary>
    public const int Limit = 16;

    /// <summary>The work item of the invitation.</summary>
    public required long ItemId { get; init; }

    /// <summary>Name of the worker, unique among live workers.</summary>
    public required string Worker { get; init; }

    /// <summary>Attempts wanted, 1 to <see cref="Limit"/>: the invitation's item, and where its items take the worker a moment each, more of the same step and kind. Default 1.</summary>
    public int Most { get; init; } = 1;

    /// <summary>The worker's build. Builds may differ in bits, so only the coordinator's own is let in.</summary>
    public string? Build { get; init; }
}

/// <summary>Gives an invitation back unclaimed: the worker stops, is busy with other work, or must not do it. The item may be offered to others.</summary>
public sealed record InvitationReturned
{
    /// <summary>The work item of the invitation.</summary>
    public required long ItemId { get; init; }

    /// <summary>No new invitation before this long.</summary>
    public required TimeSpan Pause { get; init; }

    /// <summary>Why, in words.</summary>
    public required string Reason { get; init; }
}

/// <summary>Answers <see cref="ClaimAttempt"/>: the worker may compute.</summary>
public sealed record AttemptGranted
{
    /// <summary>The attempt to name in the result.</summary>
    public required AttemptRef Attempt { get; init; }

    /// <summary>The lease ends after this long without <see cref="AttemptProgressed"/>.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>Attempts granted beside it, fewer than <see cref="ClaimAttempt.Most"/>: at items of the same step and kind that nobody was invited to yet. Each has its own lease.</summary>
    public IReadOnlyList<FurtherAttempt> Further { get; init; } = [];
}

/// <summary>An attempt that was granted without an invitation.</summary>
public sealed record FurtherAttempt
{
    /// <summary>The attempt to name in the result.</summary>
    public required AttemptRef Attempt { get; init; }

    /// <summary>What the invitation would have been: JSON of a command of the same type.</summary>
    public required string Command { get; init; }
}

/// <summary>Answers <see cref="ClaimAttempt"/>: the item is done, canceled or held by another worker; the invitation is to be forgotten.</summary>
public sealed record AttemptRefused
{
    /// <summary>Why, in words.</summary>
    public required string Reason { get; init; }

    /// <summary>Whether the item is still to be done, only not by this worker.</summary>
    public bool WrongWorker { get; init; }
}

/// <summary>Says that an attempt is alive and how far it is. Renews the lease.</summary>
public sealed record AttemptProgressed
{
    /// <summary>The attempt.</summary>
    public required AttemptRef Attempt { get; init; }

    /// <summary>Units done so far.</summary>
    public required long Done { get; init; }

    /// <summary>Units of the whole item; 0 when unknown.</summary>
    public required long Total { get; init; }

    /// <summary>What a unit is, such as <c>samples</c> or <c>steps</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>A word on the state, such as a loss. May be absent.</summary>
    public string? Note { get; init; }
}

/// <summary>Says that an attempt ended in an error.</summary>
public sealed record AttemptFailed
{
    /// <summary>The attempt.</summary>
    public required AttemptRef Attempt { get; init; }

    /// <summary>One line: what was wrong.</summary>
    public required string Error { get; init; }

    /// <summary>Whether another attempt would fail the same way; then none is made.</summary>
    public required bool Permanent { get; init; }

    /// <summary>Whether the worker's disk or the object store is to blame, not the item. Default false.</summary>
    public bool OfSurroundings { get; init; }
}

/// <summary>Gives an attempt back unfinished, because the worker is stopping. It does not count against the item.</summary>
public sealed record ReturnAttempt
{
    /// <summary>The attempt.</summary>
    public required AttemptRef Attempt { get; init; }
}

/// <summary>Answers <see cref="ReturnAttempt"/>: the coordinator has it on record, and the worker may go.</summary>
public sealed record AttemptTakenBack
{
    /// <summary>The attempt.</summary>
    public required AttemptRef Attempt { get; init; }
}

/// <summary>Tells every worker to drop what it does for a run.</summary>
public sealed record RunCanceled
{
    /// <summary>The run.</summary>
    public required int RunId { get; init; }
}

/// <summary>Says to other coordinators that one of them changed a run.</summary>
public sealed record RunMoved
{
    /// <summary>Who did; it knows already.</summary>
    public required string Coordinator { get; init; }
}
