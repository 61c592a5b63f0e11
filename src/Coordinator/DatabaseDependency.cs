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
        // Class 28: the server is there and does not let us in. 3D000: it does not know the database.
        catch (Npgsql.PostgresException refused) when (refused.SqlState.StartsWith("28", StringComparison.Ordinal) || refused.SqlState == "3D000")
        {
            throw new DependencyMisconfiguredException($"the database refuses: {refused.MessageText}; check Database:ConnectionString.", refused);
        }
    }
}
