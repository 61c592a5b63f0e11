namespace Factory.Storage.Manifests;

/// <summary>A folder that holds, or shall hold, a corpus. Files are written beside their names and renamed.</summary>
/// <param name="folder">The folder; made when a file is written.</param>
public sealed class FolderPlace(string folder) : ICorpusPlace
{
    private const string PartSuffix = ".part";
    private const int BufferSize = 1 << 20;

    /// <inheritdoc/>
    public string Name => folder;

    /// <inheritdoc/>
    public Task<IReadOnlyList<PlacedFile>?> ListAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<PlacedFile>?>(!Directory.Exists(folder)
        ? null
        : [.. new DirectoryInfo(folder).EnumerateFileSystemInfos().Select(entry => new PlacedFile(entry.Name, entry is FileInfo file ? file.Length : null))]);

    /// <inheritdoc/>
    public Task<Stream> OpenAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<Stream>(new FileStream(Path.Combine(folder, name), FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize));
        }
        catch (IOException missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CorpusFolderException($"{folder} has no {name}.");
        }
    }

    /// <inheritdoc/>
    public async Task WriteAsync(string name, Func<Stream, Task> write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, name), part = path + PartSuffix;
        try
        {
            await using (FileStream stream = new(part, FileMode.Create, FileAccess.Write, FileShare.None, BufferSize))
            {
                await write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(part, path, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    /// <inheritdoc/>
    public void RemoveHalfWritten(IReadOnlySet<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        foreach (string name in names) File.Delete(Path.Combine(folder, name + PartSuffix));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
