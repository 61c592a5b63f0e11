using System.CommandLine;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Factory.Cli.Commands;

/// <summary><c>factory migrate</c>: brings the schema of a distributed factory's database up to date. Services never do that by themselves.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        Option<string?> provider = new("--provider") { Description = "PostgreSql or Sqlite. Default: Database__Provider." };
        Option<string?> connection = new("--connection") { Description = "Connection string. Default: Database__ConnectionString; prefer that, a command line is seen by others." };
        Command command = new("migrate", "Bring the schema of a distributed factory's database up to date.") { provider, connection };
        command.Does(async (arguments, cancellationToken) =>
        {
            await using ServiceProvider services = Services(arguments.GetValue(provider), arguments.GetValue(connection));
            try
            {
                await using FactoryDbContext database = await services.GetRequiredService<IDbContextFactory<FactoryDbContext>>().CreateDbContextAsync(cancellationToken);
                IReadOnlyList<string> applied = await DatabaseSchema.MigrateAsync(database, cancellationToken);
                Console.WriteLine(applied.Count == 0 ? "the schema is up to date; nothing was changed" : $"applied {string.Join(", ", applied)}");
                return 0;
            }
            catch (OptionsValidationException mistake)
            {
                throw new CliException(string.Join(' ', mistake.Failures));
            }
            catch (Exception refused) when (refused is Npgsql.NpgsqlException or DatabaseSchemaException || refused.InnerException is Npgsql.NpgsqlException)
            {
                Exception said = refused.InnerException is Npgsql.NpgsqlException inner ? inner : refused;
                throw new CliException($"the database: {(said as Npgsql.PostgresException)?.MessageText ?? said.Message}");
            }
        });
        return command;
    }

    private static ServiceProvider Services(string? provider, string? connection)
    {
        ConfigurationBuilder settings = new();
        settings.AddEnvironmentVariables();
        settings.AddInMemoryCollection(new Dictionary<string, string?> { ["Database:Provider"] = provider, ["Database:ConnectionString"] = connection }.Where(setting => setting.Value is not null));
        return new ServiceCollection().AddLogging().AddFactoryDatabase(settings.Build()).BuildServiceProvider();
    }
}
