using Factory.Hosting.Dependencies;
using Factory.Storage.Objects;
using Factory.Storage.Objects.S3;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Factory.Hosting.Objects;

/// <summary>Adds the object store of a host.</summary>
public static class ObjectStoreSettings
{
    /// <summary>Adds the <see cref="IObjectStore"/> that the settings name, and waits for it at start.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Read for <see cref="ObjectsOptions.Section"/>.</param>
    /// <param name="cached">Whether blobs of a bucket are kept on this machine's disk once read: for workers, which read the same ones again.</param>
    public static IServiceCollection AddObjectStore(this IServiceCollection services, IConfiguration configuration, bool cached)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        IConfigurationSection section = configuration.GetSection(ObjectsOptions.Section);
        services.AddOptions<ObjectsOptions>().Bind(section).ValidateDataAnnotations().ValidateOnStart();
        // What is registered depends on the kind alone; a value that is none is told by validation.
        bool bucket = string.Equals(section[nameof(ObjectsOptions.Kind)], nameof(ObjectStoreKind.S3), StringComparison.OrdinalIgnoreCase);
        return bucket ? services.AddBucket(configuration, cached) : services.AddFolder();
    }

    private static IServiceCollection AddFolder(this IServiceCollection services) => services
        .AddSingleton<IObjectStore>(provider => new FileSystemObjectStore(provider.GetRequiredService<IOptions<ObjectsOptions>>().Value.Folder!))
        .AddSingleton<IDependency, FolderDependency>();

    private static IServiceCollection AddBucket(this IServiceCollection services, IConfiguration configuration, bool cached)
    {
        services.AddS3Objects(configuration).AddSingleton<IDependency, BucketDependency>();
        if (!cached) return services;
        services.AddOptions<DiskCacheOptions>().Bind(configuration.GetSection(DiskCacheOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        return services.AddSingleton<IObjectStore>(provider => new DiskCachedObjects(
            provider.GetRequiredService<S3ObjectStore>(), provider.GetRequiredService<IOptions<DiskCacheOptions>>(), provider.GetRequiredService<TimeProvider>()));
    }

    private sealed class FolderDependency(IOptions<ObjectsOptions> options, IServiceProvider services) : IDependency
    {
        public string Name => $"object store in {options.Value.Folder}";

        public async Task CheckAsync(CancellationToken cancellationToken)
        {
            await using StagedObject staged = await services.GetRequiredService<IObjectStore>().StageAsync(cancellationToken);
        }
    }

    private sealed class BucketDependency(IOptions<S3Options> options, S3Probe probe) : IDependency
    {
        public string Name => $"object store {options.Value.Endpoint}, bucket {options.Value.Bucket}";

        public async Task CheckAsync(CancellationToken cancellationToken)
        {
            IReadOnlyList<ProbeStep> steps = await probe.RunAsync(cancellationToken);
            if (steps.FirstOrDefault(step => !step.Ok) is not { } failed) return;
            string said = $"{failed.Name}: {failed.Fault}";
            throw failed.MayPass ? new IOException(said) : new DependencyMisconfiguredException(said);
        }
    }
}
