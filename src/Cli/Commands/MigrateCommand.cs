using System.CommandLine;
using Factory.Cli.Hosting;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Factory.Cli.Commands;

/// <summary><c>factory migrate</c>: brings a database's schema up to date. Services never do so by themselves.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        Option<string?> provider = new("--provider") { Description = "Sqlite or PostgreSql. Default: Database__Provider, else Sqlite." };
        Option<string?> connection = new("--connection") { Description = "The connection string. Default: Database__ConnectionString, where a password is better off; without either, the data folder's database." };
        Command command = new("migrate", "Make a database's schema, or bring it up to date. Harmless to repeat, and to run several times at once.") { provider, connection };
        command.Does(async (arguments, cancellationToken) =>
        {
            IConfiguration configuration = Configuration(arguments.GetValue(provider), arguments.GetValue(connection));
            if (configuration["Database:Provider"] is null && configuration["Database:ConnectionString"] is null)
            {
                using DataFolder folder = DataFolder.Hold(arguments.GetValue(Shared.Data)!);
                return await MigrateAsync(Configuration(nameof(DatabaseProvider.Sqlite), folder.ConnectionString), cancellationToken);
            }
            return await MigrateAsync(configuration, cancellationToken);
        });
        return command;
    }

    private static IConfiguration Configuration(string? provider, string? connection)
    {
        Dictionary<string, string?> given = [];
        if (provider is not null) given["Database:Provider"] = provider;
        if (connection is not null) given["Database:ConnectionString"] = connection;
        return new ConfigurationBuilder().AddEnvironmentVariables().AddInMemoryCollection(given).Build();
    }

    private static async Task<int> MigrateAsync(IConfiguration configuration, CancellationToken cancellationToken)
    {
        await using ServiceProvider services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddFactoryDatabase(configuration).BuildServiceProvider();
        IReadOnlyList<string> applied;
        try
        {
            await using FactoryDbContext database = await services.GetRequiredService<IDbContextFactory<FactoryDbContext>>().CreateDbContextAsync(cancellationToken);
            applied = await database.MigrateAsync(cancellationToken);
        }
        catch (OptionsValidationException invalid)
        {
            throw new CliException(string.Join('\n', invalid.Failures));
        }
        foreach (string migration in applied) Console.WriteLine($"applied {migration}");
        Console.WriteLine("the schema is up to date");
        return 0;
    }
}
