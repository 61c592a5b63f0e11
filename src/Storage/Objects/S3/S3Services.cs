using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Factory.Storage.Objects.S3;

/// <summary>What a host adds to keep its blobs in a bucket.</summary>
public static class S3Services
{
    /// <summary>Adds <see cref="S3ObjectStore"/> as the object store, and <see cref="S3Probe"/>.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Read for <see cref="S3Options.Section"/>.</param>
    public static IServiceCollection AddS3Objects(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<S3Options>().Bind(configuration.GetSection(S3Options.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<S3ObjectStore>().AddSingleton<S3Probe>();
        return services.AddSingleton<IObjectStore>(provider => provider.GetRequiredService<S3ObjectStore>());
    }
}
