namespace Factory.Storage.Objects;

/// <summary>A local file without a name: written, rewound, read, and gone with the process however that ends.</summary>
internal sealed class ScratchFile : StagingStream
{
    private const int BufferSize = 1 << 17;
    private readonly FileStream _file;

    private ScratchFile(FileStream file, string folder)
        : base(file, full => Refused(folder, full), durable: false) => _file = file;

    /// <summary>Makes one.</summary>
    /// <param name="folder">Folder on the disk it takes room of; made when missing.</param>
    /// <exception cref="ObjectStoreUnavailableException">The folder cannot be written.</exception>
    public static ScratchFile Create(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            string path = Path.Combine(folder, Path.GetRandomFileName());
            FileOptions gone = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None;
            FileStream file = new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferSize, gone);
            // A Unix file lives on without its name: not even a killed process leaves it behind.
            if (!OperatingSystem.IsWindows()) File.Delete(path);
            return new(file, folder);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw Refused(folder, refused);
        }
    }

    private static ObjectStoreUnavailableException Refused(string folder, Exception refused) => new(
        $"The folder {folder}, where blobs wait to be uploaded, does not take writes: {refused.Message.TrimEnd('.')}. Nothing was half-written; free it up, or choose another disk.", refused);

    /// <summary>What was written, from its beginning; good until this is disposed.</summary>
    public Stream Rewind()
    {
        _file.Position = 0;
        return _file;
    }
}
