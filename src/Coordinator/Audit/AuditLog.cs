using System.Net;
using Factory.Contracts.Api;
using Factory.Coordinator.Access;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Audit;

/// <summary>Writes and reads the audit log, apart from what else a request does in the database.</summary>
internal sealed class AuditLog(IDbContextFactory<FactoryDbContext> databases, IDatabaseClock clock)
{
    /// <summary>What the log calls somebody whose credentials are nobody's.</summary>
    public static Caller Unknown { get; } = new("unknown", "unknown", []);

    /// <summary>A row about a request, not written yet.</summary>
    /// <param name="context">The request.</param>
    /// <param name="caller">Whose it is.</param>
    /// <param name="action">What it does or would do.</param>
    /// <param name="target">To what.</param>
    /// <param name="outcome">What became of it.</param>
    /// <param name="detail">Why not.</param>
    public async Task<AuditRow> NewRowAsync(HttpContext context, Caller caller, string action, string target, AuditOutcome outcome, string? detail = null)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync();
        DateTime now = await clock.NowAsync(database, CancellationToken.None);
        IPAddress address = context.Connection.RemoteIpAddress ?? IPAddress.Loopback;
        return new()
        {
            At = now,
            LastAt = now,
            Actor = Cut(caller.Id, AuditRow.TextLength),
            ActorName = Cut(caller.Name, AuditRow.TextLength),
            Address = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString(),
            Action = action,
            Target = Cut(KeyText.WithoutSecrets(target), AuditRow.TargetLength),
            Outcome = outcome,
            Detail = detail is null ? null : Cut(detail, AuditRow.TextLength),
        };
    }

    /// <summary>Writes a row. Not canceled with the request: what was done is noted, whoever hung up.</summary>
    public async Task WriteAsync(AuditRow row)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync();
        database.AuditRows.Add(row);
        await database.SaveChangesAsync();
    }

    /// <summary>Counts a row with those alike within the clock's hour, so that who tries without end fills no disk.</summary>
    public async Task CountAsync(AuditRow row)
    {
        DateTime hour = new(row.At.Year, row.At.Month, row.At.Day, row.At.Hour, 0, 0, DateTimeKind.Utc);
        await using FactoryDbContext database = await databases.CreateDbContextAsync();
        int counted = await database.AuditRows
            .Where(other => other.At >= hour && other.Actor == row.Actor && other.Action == row.Action && other.Target == row.Target && other.Address == row.Address
                && other.Outcome == row.Outcome && other.Detail == row.Detail)
            .ExecuteUpdateAsync(set => set.SetProperty(other => other.Count, other => other.Count + 1).SetProperty(other => other.LastAt, row.At));
        if (counted == 0) await WriteAsync(row);
    }

    /// <summary>A page of entries, the latest first.</summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async Task<AuditPage> ReadAsync(AuditFilter filter, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        List<AuditRow> rows = await filter.Of(database.AuditRows.AsNoTracking()).OrderByDescending(row => row.Id).Take(filter.PageSize + 1).ToListAsync(cancellationToken);
        bool more = rows.Count > filter.PageSize;
        return new() { Entries = rows.Take(filter.PageSize).Select(Describe).ToList(), Next = more ? rows[filter.PageSize - 1].Id : null };
    }

    private static AuditEntry Describe(AuditRow row) => new()
    {
        Id = row.Id,
        At = row.At,
        Actor = row.Actor,
        ActorName = row.ActorName,
        Address = row.Address,
        Action = row.Action,
        Target = row.Target,
        Outcome = row.Outcome,
        Detail = row.Detail,
        Count = row.Count,
        LastAt = row.LastAt,
    };

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}
