using Factory.Cli.Import;
using Microsoft.Extensions.Logging;

namespace Factory.Cli.Hosting;

/// <summary>What one command talks to: the coordinator that FACTORY_URL names, or an embedded one that lives as long as the command.</summary>
public sealed class Session : IAsyncDisposable
{
    private readonly EmbeddedFactory? _embedded;

    private Session(FactoryClient client, EmbeddedFactory? embedded) => (Client, _embedded) = (client, embedded);

    /// <summary>Speaks to the coordinator.</summary>
    public FactoryClient Client { get; }

    /// <summary>Whether the factory ends with this command, and with it all work.</summary>
    public bool IsEmbedded => _embedded is not null;

    /// <summary>Where an import brings its images.</summary>
    internal IImportTarget ImportTarget => new CoordinatorImportTarget(Client, _embedded?.Objects);

    /// <summary>Opens a session.</summary>
    /// <param name="place">Which factory.</param>
    /// <param name="work">Whether an embedded factory is to work on runs meanwhile.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="CliException">The factory cannot be started.</exception>
    public static async Task<Session> OpenAsync(Place place, bool work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(place);
        if (place.Url is { } url) return new(new FactoryClient(url, Environment.GetEnvironmentVariable("FACTORY_API_KEY"), place.Project), null);
        EmbeddedFactory embedded = await EmbeddedFactory.StartAsync(
            new() { DataFolder = place.DataFolder, Work = work, Device = place.Device, LogLevel = place.Verbose ? LogLevel.Information : LogLevel.Warning }, cancellationToken);
        return new(new FactoryClient(embedded.Url, project: place.Project), embedded);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_embedded is not null) await _embedded.DisposeAsync();
    }
}

/// <summary>Which factory a command means.</summary>
/// <param name="Url">A running coordinator; absent: an embedded one.</param>
/// <param name="DataFolder">Data folder of an embedded factory.</param>
/// <param name="Device">Device of an embedded factory: <c>auto</c>, <c>cpu</c> or <c>cuda:N</c>.</param>
/// <param name="Verbose">Whether the embedded factory's log goes to standard error.</param>
public sealed record Place(Uri? Url, string DataFolder, string Device, bool Verbose)
{
    /// <summary>The project that the command is about; absent: all that the caller sees.</summary>
    public string? Project { get; init; }
}
