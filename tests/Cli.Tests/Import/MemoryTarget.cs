using System.Collections.Concurrent;
using Factory.Cli.Import;
using Factory.Contracts;
using Factory.Contracts.Api;

namespace Factory.Cli.Tests.Import;

/// <summary>Keeps what an import makes in memory and registers versions as the coordinator does.</summary>
internal sealed class MemoryTarget : IImportTarget
{
    private readonly List<NewCollectionVersion> _versions = [];
    private int _uploads;

    public ConcurrentDictionary<Sha256Digest, byte[]> Blobs { get; } = new();

    public ConcurrentDictionary<(Sha256Digest, Sha256Digest), PreparedImageEntry> Prepared { get; } = new();

    public IReadOnlyList<NewCollectionVersion> Versions => _versions;

    /// <summary>Called after each upload with their number.</summary>
    public Action<int> Uploaded { get; set; } = _ => { };

    public Task<IReadOnlyList<PreparedImageEntry>> FindPreparedAsync(PreparedLookup lookup, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<PreparedImageEntry>>([.. lookup.Sources.Where(source => Prepared.ContainsKey((lookup.Preprocessing, source))).Select(source => Prepared[(lookup.Preprocessing, source)])]);

    /// <summary>Answers an announcement.</summary>
    public Action<ImportAnnouncement> Announced { get; set; } = _ => { };

    public Task AnnounceAsync(ImportAnnouncement import, CancellationToken cancellationToken)
    {
        Announced(import);
        return Task.CompletedTask;
    }

    public Task<ObjectRef> UploadAsync(byte[] png, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Sha256Digest digest = Sha256Digest.Of(png);
        Blobs[digest] = png;
        Uploaded(Interlocked.Increment(ref _uploads));
        return Task.FromResult(new ObjectRef { Digest = digest, Bytes = png.Length, MediaType = MediaTypes.Png });
    }

    public Task RecordPreparedAsync(IReadOnlyList<PreparedImageEntry> entries, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (PreparedImageEntry entry in entries) Prepared[(entry.Preprocessing, entry.Source)] = entry;
        return Task.CompletedTask;
    }

    public Task<CollectionRegistered> RegisterAsync(string name, NewCollectionVersion version, CancellationToken cancellationToken)
    {
        bool created = _versions.Count == 0 || !_versions[^1].Images.SequenceEqual(version.Images);
        if (created) _versions.Add(version);
        return Task.FromResult(new CollectionRegistered
        {
            Collection = new() { Project = "default", Name = name, Version = _versions.Count, Digest = default, Images = version.Images.Count, Subjects = 0, Categories = version.Categories, CreatedAt = default },
            Created = created,
            Added = 0,
            Removed = 0,
            Changed = 0,
            Examples = [],
        });
    }
}
