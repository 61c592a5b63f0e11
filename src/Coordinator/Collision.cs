using Factory.Storage.Provenance;

namespace Factory.Coordinator;

/// <summary>Two requests at once that want the same: both find a name free and one gets it, or each waits for a row of the other and the database ends one of them.</summary>
internal static class Collision
{
    private const int Tries = 4;

    /// <summary>Does something again when somebody else came first, so that it finds what they left.</summary>
    /// <param name="database">The context it uses; what it tracks is forgotten before another try.</param>
    /// <param name="action">Looks and writes, in one transaction or one save.</param>
    public static async Task<T> RepeatAsync<T>(FactoryDbContext database, Func<Task<T>> action)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                return await action();
            }
            catch (Exception collision) when (tries < Tries && (DatabaseFaults.IsDuplicate(collision) || DatabaseFaults.IsDeadlock(collision)))
            {
                database.ChangeTracker.Clear();
            }
        }
    }
}
