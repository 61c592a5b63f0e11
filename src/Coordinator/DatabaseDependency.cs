using Factory.Hosting.Dependencies;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator;

/// <summary>The database, at the schema of this build.</summary>
internal sealed class DatabaseDependency(IDbContextFactory<FactoryDbContext> databases) : IDependency
{
    /// <inheritdoc/>
    public string Name
    {
        get
        {
            using FactoryDbContext database = databases.CreateDbContext();
            return $"database {database.Database.GetDbConnection().DataSource}";
        }
    }

    /// <inheritdoc/>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        try
        {
            await database.RequireCurrentAsync(cancellationToken);
        }
        catch (DatabaseSchemaException schema)
        {
            throw new DependencyMisconfiguredException(schema.Message, schema);
        }
        catch (Exception refused) when (DatabaseFaults.IsRefused(refused))
        {
            throw new DependencyMisconfiguredException(DatabaseFaults.ExplainUnusable(refused)!, refused);
        }
    }
}
