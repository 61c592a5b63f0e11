using Factory.Storage.Provenance;

namespace Factory.Coordinator;

/// <summary>Two requests that look whether a name is free and then take it: both find it free, and the database lets one have it.</summary>
internal static class KeyCollision
{
    private const int Tries = 4;

    /// <summary>Does something again when somebody else came first, so that it finds what they left.</summary>
    /// <param name="database">The context it uses; what it tracks is forgotten before another try.</param>
    /// <param name="action">Looks and writes, in a transaction or a single save.</param>
    public static async Task<T> RepeatAsync<T>(FactoryDbContext database, Func<Task<T>> action)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                return await action();
            }
            catch (Exception collision) when (tries < Tries && DatabaseFaults.IsDuplicate(collision))
            {
                database.ChangeTracker.Clear();
            }
        }
    }
}
