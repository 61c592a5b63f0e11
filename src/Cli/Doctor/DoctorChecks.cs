using Factory.Storage.Objects;
using Microsoft.Extensions.Configuration;

namespace Factory.Cli.Doctor;

/// <summary>Which checks there are to make. What is configured is checked; where nothing is, the factory is an embedded one.</summary>
internal static class DoctorChecks
{
    /// <summary>The checks for a configuration.</summary>
    /// <param name="configuration">The environment.</param>
    /// <param name="dataFolder">The embedded factory's folder.</param>
    /// <param name="device">The embedded factory's device.</param>
    public static IReadOnlyList<IDoctorCheck> For(IConfiguration configuration, string dataFolder, string device)
    {
        List<IDoctorCheck> checks = [.. Configured(configuration)];
        return checks.Count > 0 ? checks : [new DataFolderCheck(dataFolder), new DiskSpaceCheck(dataFolder), new TorchCheck(device)];
    }

    private static IEnumerable<IDoctorCheck> Configured(IConfiguration configuration)
    {
        if (configuration["FACTORY_URL"] is { Length: > 0 } url)
        {
            yield return new ApiCheck(url, configuration["FACTORY_API_KEY"]);
            if (Uri.TryCreate(url, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https") yield return new WorkersCheck(address, configuration["FACTORY_API_KEY"]);
        }
        IConfigurationSection database = configuration.GetSection("Database");
        if (database["ConnectionString"] is { Length: > 0 } connection) yield return new DatabaseCheck(database["Provider"], connection);
        IConfigurationSection transport = configuration.GetSection("Transport");
        if (string.Equals(transport["Kind"], "RabbitMq", StringComparison.OrdinalIgnoreCase) || transport["Host"] is { Length: > 0 }) yield return new BrokerCheck(transport);
        if (string.Equals(configuration["Objects:Kind"], "S3", StringComparison.OrdinalIgnoreCase)) yield return new BucketCheck(configuration);
        else if (configuration["Objects:Folder"] is { Length: > 0 } folder) yield return new ObjectStoreCheck(() => new FileSystemObjectStore(folder), folder, "Objects__Folder");
    }
}
