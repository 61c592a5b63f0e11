using Factory.Cli.Hosting;
using Factory.Coordinator.Doctor;
using Factory.Storage.Provenance;
using Microsoft.Data.Sqlite;

namespace Factory.Cli.Doctor;

/// <summary>Whether the embedded factory's database file, where there is one, can be read and is not newer than this program. Makes nothing and changes nothing.</summary>
/// <param name="folder">The data folder.</param>
internal sealed class DatabaseFileCheck(string folder) : IDoctorCheck
{
    /// <inheritdoc/>
    public string Name => "database";

    /// <inheritdoc/>
    public async Task<CheckResult> RunAsync(CancellationToken cancellationToken)
    {
        string file = DataFolder.DatabaseOf(folder);
        if (!File.Exists(file)) return CheckResult.Ok($"{file} does not exist yet; the next command makes it");
        try
        {
            await using FactoryDbContext database = FactoryDatabase.Open(new() { ConnectionString = DataFolder.ConnectionStringTo(file) });
            await database.RequireCurrentAsync(cancellationToken);
            return CheckResult.Ok($"{file} can be read and is up to date");
        }
        catch (DatabaseSchemaException older) when (older.IsOlder)
        {
            return CheckResult.Ok($"{file}: {older.Fault}; the next command brings it up to date");
        }
        catch (DatabaseSchemaException newer)
        {
            return CheckResult.Fault($"{file}: {newer.Fault}", newer.Remedy);
        }
        catch (SqliteException unreadable)
        {
            return CheckResult.Fault($"{file} cannot be read: {unreadable.Message}", "put back a copy of it, or choose another data folder with --data or FACTORY_DATA");
        }
    }
}
