using Factory.Contracts;
using Factory.Contracts.Api;

namespace Factory.Cli.Import;

/// <summary>Imports into the coordinator that a client speaks to.</summary>
internal sealed class CoordinatorImportTarget(FactoryClient client) : IImportTarget
{
    public async Task<IReadOnlyList<PreparedImageEntry>> FindPreparedAsync(PreparedLookup lookup, CancellationToken cancellationToken) =>
        await client.PostAsync<List<PreparedImageEntry>>(Routes.PreparedLookup, lookup, cancellationToken);

    public Task<ObjectRef> UploadAsync(byte[] png, CancellationToken cancellationToken) => client.UploadAsync(png, MediaTypes.Png, cancellationToken);

    public Task RecordPreparedAsync(IReadOnlyList<PreparedImageEntry> entries, CancellationToken cancellationToken) =>
        client.PostAsync(Routes.PreparedImages, entries, cancellationToken);

    public Task<CollectionRegistered> RegisterAsync(string name, NewCollectionVersion version, CancellationToken cancellationToken) =>
        client.PostAsync<CollectionRegistered>(Routes.CollectionVersions.Replace("{name}", Uri.EscapeDataString(name), StringComparison.Ordinal), version, cancellationToken);
}
