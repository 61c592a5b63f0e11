using Factory.Contracts.Api;
using Factory.Coordinator.Doctor;
using Factory.Storage.Objects;
using Microsoft.Extensions.Configuration;

namespace Factory.Cli.Doctor;

/// <summary>Which checks there are to make. What is configured is checked; where nothing is, the factory is an embedded one.</summary>
internal static class DoctorChecks
{
    /// <summary>Makes the checks from here, and has those made that only the coordinator can make.</summary>
    /// <param name="configuration">The environment.</param>
    /// <param name="dataFolder">The embedded factory's folder.</param>
    /// <param name="device">The embedded factory's device.</param>
    /// <param name="cancellationToken">Ends the examination.</param>
    public static async Task<IReadOnlyList<DoctorFinding>> ExamineAsync(IConfiguration configuration, string dataFolder, string device, CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<DoctorFinding>> here = Examination.RunAsync(For(configuration, dataFolder, device), TimeProvider.System, cancellationToken);
        IReadOnlyList<DoctorFinding> there = CoordinatorOf(configuration) is { } url ? await Deployment.ExamineAsync(url, configuration["FACTORY_API_KEY"], cancellationToken) : [];
        return [.. await here, .. there];
    }

    /// <summary>The checks to make from here for a configuration.</summary>
    /// <param name="configuration">The environment.</param>
    /// <param name="dataFolder">The embedded factory's folder.</param>
    /// <param name="device">The embedded factory's device.</param>
    public static IReadOnlyList<IDoctorCheck> For(IConfiguration configuration, string dataFolder, string device)
    {
        List<IDoctorCheck> checks = [.. Configured(configuration)];
        return checks.Count > 0 ? checks : [new DataFolderCheck(dataFolder), new DatabaseFileCheck(dataFolder), new DiskSpaceCheck(dataFolder, "--data or FACTORY_DATA"), new TorchCheck(device)];
    }

    private static Uri? CoordinatorOf(IConfiguration configuration) =>
        Uri.TryCreate(configuration["FACTORY_URL"], UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https" ? address : null;

    private static IEnumerable<IDoctorCheck> Configured(IConfiguration configuration)
    {
        if (configuration["FACTORY_URL"] is { Length: > 0 } url)
        {
            yield return new ApiCheck(url, configuration["FACTORY_API_KEY"]);
            if (CoordinatorOf(configuration) is { } address) yield return new WorkersCheck(address, configuration["FACTORY_API_KEY"]);
        }
        IConfigurationSection database = configuration.GetSection("Database");
        if (database["ConnectionString"] is { Length: > 0 } connection) yield return new DatabaseCheck(database["Provider"], connection);
        IConfigurationSection transport = configuration.GetSection("Transport");
        if (string.Equals(transport["Kind"], "RabbitMq", StringComparison.OrdinalIgnoreCase) || transport["Host"] is { Length: > 0 }) yield return new BrokerCheck(transport);
        if (string.Equals(configuration["Objects:Kind"], "S3", StringComparison.OrdinalIgnoreCase)) yield return new BucketCheck(configuration);
        else if (configuration["Objects:Folder"] is { Length: > 0 } folder) yield return new ObjectStoreCheck(() => new FileSystemObjectStore(folder), folder, "Objects__Folder");
    }
}
