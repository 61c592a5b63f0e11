using Factory.Contracts.Api;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Audit;

/// <summary>Which entries of the audit log are wanted; the query of its endpoint.</summary>
/// <param name="Actor">Only of this caller, by id or name.</param>
/// <param name="Action">Only this action, or all of a noun: <c>run.submit</c>, <c>run</c>.</param>
/// <param name="Outcome">Only with this outcome.</param>
/// <param name="Before">Only entries before this one.</param>
/// <param name="Limit">How many at most, 1 to 1,000; default 100.</param>
internal sealed record AuditFilter(string? Actor, string? Action, AuditOutcome? Outcome, long? Before, int? Limit)
{
    private const int LargestPage = 1000;
    private const int DefaultPage = 100;

    /// <summary>Entries of a page.</summary>
    public int PageSize => Limit ?? DefaultPage;

    /// <summary>Refuses a page that is none.</summary>
    /// <exception cref="RefusedException">The limit is out of its range.</exception>
    public AuditFilter Checked() => PageSize is < 1 or > LargestPage ? throw RefusedException.Invalid($"a page has 1 to {LargestPage} entries, not {Limit}.") : this;

    /// <summary>The rows that pass.</summary>
    public IQueryable<AuditRow> Of(IQueryable<AuditRow> rows)
    {
        if (Actor is not null) rows = rows.Where(row => row.Actor == Actor || row.ActorName == Actor);
        string noun = Action + ".";
        if (Action is not null) rows = rows.Where(row => row.Action == Action || row.Action.StartsWith(noun));
        if (Outcome is not null) rows = rows.Where(row => row.Outcome == Outcome);
        return Before is null ? rows : rows.Where(row => row.Id < Before);
    }
}
