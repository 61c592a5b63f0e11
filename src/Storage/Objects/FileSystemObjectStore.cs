using System.Runtime.CompilerServices;
using Factory.Contracts;
using Microsoft.Win32.SafeHandles;

namespace Factory.Storage.Objects;

/// <summary>
/// An object store in a folder: blobs at <c>objects/ab/cd/DIGEST</c>, staged at <c>staging/</c> on the same file system, flushed to disk and renamed. Any
/// number of processes use one folder, on several machines too; what a dead one left in staging is removed when a store is opened.
/// </summary>
public sealed class FileSystemObjectStore : IObjectStore
{
    private const int BufferSize = 1 << 17;
    private readonly string _objects;
    private readonly string _staging;

    /// <summary>Opens a store, making its folders when missing.</summary>
    /// <param name="root">The folder.</param>
    /// <exception cref="ObjectStoreUnavailableException">The folder cannot be written.</exception>
    public FileSystemObjectStore(string root)
    {
        _objects = Path.Combine(Path.GetFullPath(root), "objects");
        _staging = Path.Combine(Path.GetFullPath(root), "staging");
        Guard(() =>
        {
            Directory.CreateDirectory(_objects);
            Directory.CreateDirectory(_staging);
            foreach (string staged in Directory.EnumerateFiles(_staging)) RemoveAbandoned(staged);
            return 0;
        });
    }

    /// <inheritdoc/>
    public async Task<ObjectRef> PutAsync(ReadOnlyMemory<byte> content, string mediaType, CancellationToken cancellationToken)
    {
        ObjectRef reference = new() { Digest = Sha256Digest.Of(content.Span), Bytes = content.Length, MediaType = mediaType };
        if (await LengthAsync(reference.Digest, cancellationToken) == content.Length) return reference;
        cancellationToken.ThrowIfCancellationRequested();
        // Not staged as a stream is: its digest is known, and taking it twice would cost as much as writing it.
        return Guard(() => Write(reference, content.Span));
    }

    /// <inheritdoc/>
    public Task<StagedObject> StageAsync(CancellationToken cancellationToken)
    {
        return Task.FromResult<StagedObject>(Guard(() => new StagedFile(this, NewStagingPath())));
    }

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<Stream>(new FileStream(PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.SequentialScan));
        }
        catch (IOException missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ObjectMissingException(digest);
        }
    }

    /// <inheritdoc/>
    public Task<long?> LengthAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        FileInfo file = new(PathOf(digest));
        return Task.FromResult<long?>(file.Exists ? file.Length : null);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (FileInfo file in new DirectoryInfo(_objects).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Sha256Digest.TryParse(file.Name, out Sha256Digest digest)) yield return new(digest, file.Length, file.LastWriteTimeUtc);
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        string path = PathOf(digest);
        return Guard(() =>
        {
            if (File.Exists(path)) File.Delete(path);
            return Task.CompletedTask;
        });
    }

    private static void RemoveAbandoned(string staged)
    {
        try
        {
            // Held by a living writer, it cannot be opened.
            using (new FileStream(staged, FileMode.Open, FileAccess.Write, FileShare.None)) File.Delete(staged);
        }
        catch (Exception held) when (held is IOException or UnauthorizedAccessException)
        {
            // It is somebody's.
        }
    }

    // By chance: numbers of processes repeat on other machines and in containers.
    private string NewStagingPath() => Path.Combine(_staging, Path.GetRandomFileName());

    private ObjectRef Write(ObjectRef reference, ReadOnlySpan<byte> content)
    {
        string staged = NewStagingPath();
        try
        {
            using (SafeFileHandle file = File.OpenHandle(staged, FileMode.CreateNew, FileAccess.Write, FileShare.Read))
            {
                RandomAccess.Write(file, content, 0);
                RandomAccess.FlushToDisk(file);
                Publish(staged, reference.Digest);
            }
            return reference;
        }
        catch
        {
            File.Delete(staged);
            throw;
        }
    }

    private void Publish(string staged, Sha256Digest digest)
    {
        string target = PathOf(digest);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(staged, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        // The same digest is the same bytes: replacing one by the other changes nothing.
        File.Move(staged, target, overwrite: true);
    }

    private string PathOf(Sha256Digest digest) => Path.Combine(_objects, digest.Hex[..2], digest.Hex[2..4], digest.Hex);

    private T Guard<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw Refused(refused);
        }
    }

    private ObjectStoreUnavailableException Refused(Exception refused) => new(Path.GetDirectoryName(_objects)!, refused.Message, refused);

    // Shared for reading: from the commit on it is a blob like any other, though not closed yet. Flushed to disk before the rename makes it visible.
    private sealed class StagedFile(FileSystemObjectStore store, string path)
        : StagedObject(new StagingStream(new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, BufferSize), store.Refused, durable: true))
    {
        protected override Task PublishAsync(ObjectRef reference, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return store.Guard(() =>
            {
                store.Publish(path, reference.Digest);
                return Task.CompletedTask;
            });
        }

        protected override ValueTask DiscardAsync()
        {
            File.Delete(path);
            return ValueTask.CompletedTask;
        }
    }
}
