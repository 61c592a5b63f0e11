using Microsoft.EntityFrameworkCore;

namespace Factory.Storage.Provenance;

/// <summary>
/// The clock of the database. Every time that is stored, above all leases and what is compared with them, is of this one clock, however wrong those of the coordinators' machines are.
/// </summary>
public interface IDatabaseClock
{
    /// <summary>The time now, UTC.</summary>
    /// <param name="database">A context of the database; within a transaction too, the time is that of the question.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    Task<DateTime> NowAsync(FactoryDbContext database, CancellationToken cancellationToken);
}

/// <summary>The clock of a database that one process alone uses: the machine's own.</summary>
/// <param name="time">The machine's clock.</param>
internal sealed class MachineClock(TimeProvider time) : IDatabaseClock
{
    /// <inheritdoc/>
    public Task<DateTime> NowAsync(FactoryDbContext database, CancellationToken cancellationToken) => Task.FromResult(time.GetUtcNow().UtcDateTime);
}

/// <summary>
/// The clock of a server that several coordinators share: the server's. It is asked now and then and counted on from there, by a count that a machine's wrong clock does not
/// touch.
/// </summary>
internal sealed class ServerClock(TimeProvider time) : IDatabaseClock
{
    private static readonly TimeSpan Trust = TimeSpan.FromSeconds(5);
    private volatile Reading? _latest;

    /// <inheritdoc/>
    public async Task<DateTime> NowAsync(FactoryDbContext database, CancellationToken cancellationToken)
    {
        if (_latest is not { } reading || time.GetElapsedTime(reading.Timestamp) > Trust)
        {
            DateTime told = await database.Database.SqlQuery<DateTime>($"SELECT clock_timestamp() AS \"Value\"").SingleAsync(cancellationToken);
            // Counted from the answer: rather late by its way here than early.
            _latest = new(told, time.GetTimestamp());
            return told;
        }
        return reading.Time + time.GetElapsedTime(reading.Timestamp);
    }

    private sealed record Reading(DateTime Time, long Timestamp);
}
