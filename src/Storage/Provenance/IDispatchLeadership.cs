namespace Factory.Storage.Provenance;

/// <summary>
/// Says which of several coordinators on one database plans and dispatches. It saves work and keeps windows of invitations honest; it guards no truth: what a coordinator writes
/// is right without it, so one that led a moment ago and does not know better harms nothing.
/// </summary>
public interface IDispatchLeadership
{
    /// <summary>Whether this process leads; it begins to when nobody else does.</summary>
    /// <param name="cancellationToken">Cancels the question.</param>
    /// <remarks>To be asked before each round of dispatching. A leader that does not ask for a minute and a half loses the lead to the next who asks.</remarks>
    Task<bool> HoldsAsync(CancellationToken cancellationToken);
}

/// <summary>The lead of a process that is alone with its database: a SQLite file in a data folder that is held already.</summary>
internal sealed class SoleLeadership : IDispatchLeadership
{
    /// <inheritdoc/>
    public Task<bool> HoldsAsync(CancellationToken cancellationToken) => Task.FromResult(true);
}
