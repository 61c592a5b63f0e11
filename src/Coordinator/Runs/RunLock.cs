using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs;

/// <summary>One writer at a time for each run: whoever moves, cancels or revives one takes its row first, whichever coordinator it is in.</summary>
internal static class RunLock
{
    /// <summary>Takes the run's row until the transaction ends; what is read after is what the one before has left.</summary>
    /// <param name="database">A context in a transaction.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether there is such a run.</returns>
    public static async Task<bool> TakeAsync(FactoryDbContext database, int runId, CancellationToken cancellationToken) =>
        // An update that changes nothing locks the row on every database, which no query does on all.
        await database.Runs.Where(run => run.Id == runId).ExecuteUpdateAsync(set => set.SetProperty(run => run.State, run => run.State), cancellationToken) == 1;
}
