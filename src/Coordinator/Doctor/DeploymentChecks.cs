using Factory.Hosting.Objects;
using Factory.Hosting.Transport;
using Factory.Storage.Objects;
using Factory.Storage.Objects.S3;
using Factory.Storage.Provenance;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Factory.Coordinator.Doctor;

/// <summary>The checks of what a coordinator works with, made where it stands: behind its firewalls, with its settings.</summary>
internal sealed class DeploymentChecks(
    IConfiguration configuration, IOptions<DatabaseOptions> database, IOptions<TransportOptions> transport, IDbContextFactory<FactoryDbContext> databases, IDatabaseClock clock, IObjectStore objects, IBusControl bus, TimeProvider time)
{
    // Uploads on their way to a bucket.
    private const long ScratchBytes = 1L << 30;

    private const string FolderSetting = $"{ObjectsOptions.Section}:{nameof(ObjectsOptions.Folder)}", FolderVariable = "Objects__Folder";
    private const string OtherDisks = "those of servers and workers cannot be asked for from here";

    /// <summary>All of them.</summary>
    public IEnumerable<IDoctorCheck> All()
    {
        S3Options? bucket = objects is S3ObjectStore ? configuration.GetSection(S3Options.Section).Get<S3Options>() : null;
        TransportOptions broker = transport.Value;
        yield return new DatabaseCheck(database.Value.Provider.ToString(), database.Value.ConnectionString);
        if (broker.Kind == TransportKind.RabbitMq) yield return new BrokerCheck(configuration.GetSection(TransportOptions.Section));
        yield return new QueuesCheck(broker);
        yield return new DeadLettersCheck(broker, bus);
        yield return new WaitingItemsCheck(databases, clock);
        string folder = configuration[FolderSetting] ?? ".";
        yield return bucket is not null ? new BucketCheck(configuration) : new ObjectStoreCheck(() => objects, folder, FolderVariable);
        yield return new ClocksCheck(databases, clock, time, bucket);
        yield return bucket is not null
            ? new DiskSpaceCheck(bucket.ScratchFolder, "Objects__S3__ScratchFolder", ScratchBytes, OtherDisks)
            : new DiskSpaceCheck(folder, FolderVariable, note: OtherDisks);
    }
}
