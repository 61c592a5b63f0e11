using Factory.Contracts;
using Factory.Contracts.Api;

namespace Factory.Cli.Import;

/// <summary>Where an import looks up what is prepared already and puts what it made.</summary>
internal interface IImportTarget
{
    /// <summary>The prepared images among the sources asked for, in any order.</summary>
    Task<IReadOnlyList<PreparedImageEntry>> FindPreparedAsync(PreparedLookup lookup, CancellationToken cancellationToken);

    /// <summary>Says what is to come, before any of it is uploaded.</summary>
    /// <exception cref="CliException">There is no room for it.</exception>
    Task AnnounceAsync(ImportAnnouncement import, CancellationToken cancellationToken);

    /// <summary>Stores a PNG under its digest.</summary>
    Task<ObjectRef> UploadAsync(byte[] png, CancellationToken cancellationToken);

    /// <summary>Records uploaded images as prepared, so that a later import does not decode them again.</summary>
    Task RecordPreparedAsync(IReadOnlyList<PreparedImageEntry> entries, CancellationToken cancellationToken);

    /// <summary>Registers a collection version, or finds that the latest one is the same.</summary>
    Task<CollectionRegistered> RegisterAsync(string name, NewCollectionVersion version, CancellationToken cancellationToken);
}
