using Factory.Contracts;
using Factory.Storage.Objects;
using Microsoft.Extensions.Options;

namespace Factory.GpuWorker.Datasets;

/// <summary>Blobs as local files, for reading here and there in them. Bounded; what was used longest ago goes first.</summary>
public sealed class ScratchFiles
{
    private readonly IObjectStore _objects;
    private readonly ScratchOptions _options;

    /// <summary>Opens the scratch folder.</summary>
    /// <param name="objects">Where blobs come from.</param>
    /// <param name="options">Where files go.</param>
    public ScratchFiles(IObjectStore objects, IOptions<ScratchOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_objects, _options) = (objects, options.Value);
        Directory.CreateDirectory(_options.Folder);
    }

    /// <summary>A blob as a local file, verified when it is fetched.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="cancellationToken">Cancels the fetch.</param>
    /// <returns>The file's path; good until the next blob is asked for after the bound is reached, so open it at once.</returns>
    /// <exception cref="ObjectCorruptException">The store holds other bytes under the digest.</exception>
    /// <exception cref="IOException">The scratch folder does not take it.</exception>
    public async Task<string> FetchAsync(ObjectRef blob, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(blob);
        // A store that keeps what it read as files needs no second copy of them.
        if (_objects is DiskCachedObjects cached && await cached.FetchAsync(blob.Digest, cancellationToken) is { } kept) return kept;
        string path = Path.Combine(_options.Folder, blob.Digest.Hex);
        FileInfo file = new(path);
        if (file.Exists && file.Length == blob.Bytes)
        {
            File.SetLastAccessTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime);
            return path;
        }
        try
        {
            await WriteAsync(blob, path, cancellationToken);
            return path;
        }
        catch (IOException refused)
        {
            throw new IOException($"The scratch folder {_options.Folder} does not take writes: {refused.Message.TrimEnd('.')}. Free it up, or choose another with Scratch:Folder.", refused);
        }
    }

    /// <summary>Opens a blob as a local file; an open file stays good whatever is fetched next.</summary>
    /// <param name="blob">The blob; null opens nothing.</param>
    /// <param name="cancellationToken">Cancels the fetch.</param>
    /// <returns>The file, which the caller disposes; null for null.</returns>
    /// <exception cref="ObjectCorruptException">As for <see cref="FetchAsync"/>.</exception>
    /// <exception cref="IOException">As for <see cref="FetchAsync"/>.</exception>
    public async Task<FileStream?> OpenAsync(ObjectRef? blob, CancellationToken cancellationToken) => blob is null ? null : File.OpenRead(await FetchAsync(blob, cancellationToken));

    private async Task WriteAsync(ObjectRef blob, string path, CancellationToken cancellationToken)
    {
        MakeRoom(blob.Bytes);
        string part = path + ".part";
        await using (FileStream target = new(part, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            await using Stream source = await _objects.OpenReadAsync(blob.Digest, cancellationToken);
            await source.CopyToAsync(target, cancellationToken);
            target.Position = 0;
            Sha256Digest actual = Sha256Digest.FromHash(await System.Security.Cryptography.SHA256.HashDataAsync(target, cancellationToken));
            if (actual != blob.Digest) throw new ObjectCorruptException(blob.Digest, $"its bytes have the digest {actual}");
        }
        File.Move(part, path, overwrite: true);
    }

    // An open file outlives its name: a reader is never cut off.
    private void MakeRoom(long bytes)
    {
        List<FileInfo> files = [.. new DirectoryInfo(_options.Folder).EnumerateFiles().OrderBy(file => file.LastAccessTimeUtc)];
        long held = files.Sum(file => file.Length);
        foreach (FileInfo file in files)
        {
            if (held + bytes <= _options.FileBytes) return;
            held -= file.Length;
            file.Delete();
        }
    }
}
