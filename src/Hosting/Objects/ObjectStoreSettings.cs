using System.ComponentModel.DataAnnotations;
using Factory.Hosting.Dependencies;
using Factory.Storage.Objects;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Factory.Hosting.Objects;

/// <summary>Kinds of object store.</summary>
public enum ObjectStoreKind
{
    /// <summary>A folder that every service sees under the same or another path.</summary>
    FileSystem,
}

/// <summary>Where blobs are kept.</summary>
public sealed class ObjectsOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Objects";

    /// <summary>Kind of the store. Default <c>FileSystem</c>.</summary>
    [EnumDataType(typeof(ObjectStoreKind), ErrorMessage = "Objects:Kind must be FileSystem.")]
    public ObjectStoreKind Kind { get; set; }

    /// <summary>The folder; needed with FileSystem.</summary>
    public string? Folder { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Kind == ObjectStoreKind.FileSystem && string.IsNullOrEmpty(Folder)) yield return new("Objects:Folder is needed with Objects:Kind FileSystem.");
    }
}

/// <summary>Adds the object store of a host.</summary>
public static class ObjectStoreSettings
{
    /// <summary>Adds the <see cref="IObjectStore"/> that the settings name, and waits for it at start.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Read for <see cref="ObjectsOptions.Section"/>.</param>
    public static IServiceCollection AddObjectStore(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<ObjectsOptions>().Bind(configuration.GetSection(ObjectsOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IObjectStore>(provider => new FileSystemObjectStore(provider.GetRequiredService<IOptions<ObjectsOptions>>().Value.Folder!));
        return services.AddSingleton<IDependency, FolderDependency>();
    }

    private sealed class FolderDependency(IOptions<ObjectsOptions> options, IServiceProvider services) : IDependency
    {
        public string Name => $"object store in {options.Value.Folder}";

        public async Task CheckAsync(CancellationToken cancellationToken)
        {
            IObjectStore objects = services.GetRequiredService<IObjectStore>();
            await using StagedObject staged = await objects.StageAsync(cancellationToken);
        }
    }
}
