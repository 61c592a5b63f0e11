using Factory.Contracts;
using Factory.Storage.Manifests;

namespace Factory.Storage.Objects.S3;

/// <summary>A prefix of a bucket that holds, or shall hold, a corpus. A file passes through a local scratch file, and is there when all of it was uploaded.</summary>
/// <param name="options">The bucket; the prefix is the place.</param>
/// <param name="time">Dates requests and paces repetitions.</param>
public sealed class S3CorpusPlace(S3Options options, TimeProvider time) : ICorpusPlace
{
    private readonly S3Bucket _bucket = new(options, time);

    /// <inheritdoc/>
    public string Name => _bucket.Place;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PlacedFile>?> ListAsync(CancellationToken cancellationToken)
    {
        List<PlacedFile> files = [];
        await foreach (S3Entry entry in _bucket.ListAsync("", cancellationToken)) files.Add(new(entry.Name, entry.Bytes));
        return files.Count == 0 ? null : files;
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenAsync(string name, CancellationToken cancellationToken) =>
        await _bucket.OpenAsync(name, cancellationToken) ?? throw new CorpusFolderException($"{Name} has no {name}.");

    /// <inheritdoc/>
    public async Task WriteAsync(string name, Func<Stream, Task> write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        await using ScratchFile file = ScratchFile.Create(options.ScratchFolder);
        await write(file);
        file.Flush();
        Stream content = file.Rewind();
        await _bucket.PutAsync(name, content, content.Length, name == CorpusManifest.FileName ? MediaTypes.Json : MediaTypes.Tar, cancellationToken);
    }

    /// <inheritdoc/>
    public void RemoveHalfWritten(IReadOnlySet<string> names)
    {
        // An upload that did not end is no file of the bucket.
    }

    /// <inheritdoc/>
    public void Dispose() => _bucket.Dispose();
}
