using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Storage.Objects;

namespace Factory.Cli.Import;

/// <summary>Imports into the coordinator that a client speaks to. Images go through its API, or straight into its store where that is open in this process.</summary>
/// <param name="client">Speaks to the coordinator.</param>
/// <param name="objects">The coordinator's store, if it is at hand.</param>
internal sealed class CoordinatorImportTarget(FactoryClient client, IObjectStore? objects) : IImportTarget
{
    public async Task<IReadOnlyList<PreparedImageEntry>> FindPreparedAsync(PreparedLookup lookup, CancellationToken cancellationToken) =>
        await client.PostAsync<List<PreparedImageEntry>>(Routes.PreparedLookup, lookup, cancellationToken);

    public Task AnnounceAsync(ImportAnnouncement import, CancellationToken cancellationToken) => client.PostAsync(Routes.ImportAnnouncement, import, cancellationToken);

    public Task<ObjectRef> UploadAsync(byte[] png, CancellationToken cancellationToken) => objects is null
        ? client.UploadAsync(png, MediaTypes.Png, cancellationToken)
        : objects.PutAsync(png, MediaTypes.Png, cancellationToken);

    public Task RecordPreparedAsync(IReadOnlyList<PreparedImageEntry> entries, CancellationToken cancellationToken) =>
        client.PostAsync(Routes.PreparedImages, entries, cancellationToken);

    public Task<CollectionRegistered> RegisterAsync(string name, NewCollectionVersion version, CancellationToken cancellationToken) =>
        client.PostAsync<CollectionRegistered>(Routes.CollectionVersions.Replace("{name}", Uri.EscapeDataString(name), StringComparison.Ordinal), version, cancellationToken);
}
