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

/// <summary>The clock of a server that several coordinators share: the server's.</summary>
internal sealed class ServerClock : IDatabaseClock
{
    /// <inheritdoc/>
    public Task<DateTime> NowAsync(FactoryDbContext database, CancellationToken cancellationToken) =>
        database.Database.SqlQuery<DateTime>($"SELECT clock_timestamp() AS \"Value\"").SingleAsync(cancellationToken);
}
