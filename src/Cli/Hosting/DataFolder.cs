using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Factory.Cli.Hosting;

/// <summary>The folder an embedded factory keeps everything in, held by one process at a time.</summary>
public sealed class DataFolder : IDisposable
{
    private const string LockName = "factory.lock";
    private const string HolderName = "factory.holder";
    private const string DatabaseName = "factory.db";

    // EWOULDBLOCK of flock(2), and its like on Windows.
    private const int LockedByAnother = 11;
    private const int SharingViolation = unchecked((int)0x80070020);
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held) => (Path, _lock) = (path, held);

    /// <summary>Full path of the folder.</summary>
    public string Path { get; }

    /// <summary>Leads to the database file.</summary>
    public string ConnectionString => ConnectionStringTo(DatabaseOf(Path));

    /// <summary>Folder of the blobs.</summary>
    public string ObjectsPath => System.IO.Path.Combine(Path, "store");

    /// <summary>Folder for what can be lost: scratch files of the worker.</summary>
    public string ScratchPath => System.IO.Path.Combine(Path, "scratch");

    /// <summary>Takes hold of a folder, making it when missing. The operating system lets go of it when the process ends, however it ends.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="CliException">Another process holds it, or it cannot be written.</exception>
    public static DataFolder Hold(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(full);
            // Not shared at all: on Unix only that is an exclusive lock.
            FileStream held = new(System.IO.Path.Combine(full, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            DataFolder folder = new(full, held);
            folder.Say("");
            return folder;
        }
        catch (IOException held) when (held.HResult is LockedByAnother or SharingViolation)
        {
            throw new CliException(HeldMessage(full));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"the data folder {full} cannot be written: {refused.Message} Choose another with --data.");
        }
    }

    /// <summary>Says where this process can be reached, for whoever finds the folder held.</summary>
    /// <param name="url">The API's address; empty: nowhere.</param>
    public void Say(string url) => File.WriteAllText(
        System.IO.Path.Combine(Path, HolderName), string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n{url}\n"));

    /// <inheritdoc/>
    public void Dispose()
    {
        File.Delete(System.IO.Path.Combine(Path, HolderName));
        _lock.Dispose();
    }

    /// <summary>Path of a folder's database file.</summary>
    /// <param name="folder">The folder, held or not.</param>
    public static string DatabaseOf(string folder) => System.IO.Path.Combine(System.IO.Path.GetFullPath(folder), DatabaseName);

    /// <summary>Leads to a database file.</summary>
    /// <param name="file">Its path.</param>
    public static string ConnectionStringTo(string file) => new SqliteConnectionStringBuilder { DataSource = file }.ConnectionString;

    /// <summary>Who said that it holds a folder: <c>process 123</c>; null when nobody did. A process that was killed may still be named.</summary>
    /// <param name="folder">The folder.</param>
    public static string? HolderOf(string folder) => ReadHolder(folder) is [{ Length: > 0 } process, ..] ? $"process {process}" : null;

    private static string HeldMessage(string folder)
    {
        string[] lines = ReadHolder(folder);
        string holder = HolderOf(folder) ?? "another process";
        string hint = lines.Length > 1 && lines[1].Length > 0 ? $"talk to it with FACTORY_URL={lines[1].TrimEnd('/')}, wait for it to end" : "wait for it to end";
        return $"the data folder {folder} is in use by {holder}; {hint}, or choose another with --data.";
    }

    private static string[] ReadHolder(string folder)
    {
        try
        {
            return File.ReadAllLines(System.IO.Path.Combine(folder, HolderName));
        }
        catch (IOException)
        {
            // Who holds it is only said to be helpful.
            return [];
        }
    }
}
