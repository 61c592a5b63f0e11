using Microsoft.EntityFrameworkCore;

namespace Factory.Storage.Provenance;

/// <summary>Writes the provenance of samples in bulk, in whatever way the database does that best.</summary>
public interface ISampleWriter
{
    /// <summary>Writes samples as part of the context's transaction.</summary>
    /// <param name="database">A context in a transaction, without changes that are not saved; it tracks none of the samples.</param>
    /// <param name="samples">The samples, read once.</param>
    /// <param name="cancellationToken">Cancels the writing; what is written is rolled back with the transaction.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="DbUpdateException">The database refuses a row.</exception>
    Task<long> WriteAsync(FactoryDbContext database, IAsyncEnumerable<Sample> samples, CancellationToken cancellationToken);
}

/// <summary>Writes samples in batches of inserts.</summary>
internal sealed class BatchSampleWriter : ISampleWriter
{
    private const int BatchSize = 2000;

    /// <inheritdoc/>
    public async Task<long> WriteAsync(FactoryDbContext database, IAsyncEnumerable<Sample> samples, CancellationToken cancellationToken)
    {
        long written = 0;
        await foreach (Sample[] batch in samples.Chunk(BatchSize).WithCancellation(cancellationToken))
        {
            database.Samples.AddRange(batch);
            await database.SaveChangesAsync(cancellationToken);
            foreach (Sample sample in batch) database.Entry(sample).State = EntityState.Detached;
            written += batch.Length;
        }
        return written;
    }
}
