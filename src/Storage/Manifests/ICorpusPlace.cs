namespace Factory.Storage.Manifests;

/// <summary>A place of named files that a corpus is exported to and verified in: a folder, or a prefix of a bucket.</summary>
public interface ICorpusPlace : IDisposable
{
    /// <summary>Where it is, for messages.</summary>
    string Name { get; }

    /// <summary>Everything that is there; nothing when there is no such place. One without files is none in a bucket.</summary>
    /// <param name="cancellationToken">Ends the listing.</param>
    Task<IReadOnlyList<PlacedFile>?> ListAsync(CancellationToken cancellationToken);

    /// <summary>Opens a file.</summary>
    /// <param name="name">Its name, as listed.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <exception cref="CorpusFolderException">It is not there.</exception>
    Task<Stream> OpenAsync(string name, CancellationToken cancellationToken);

    /// <summary>Writes a file, in place of one of the same name. It is there when all of it is.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="write">Writes its bytes; what it throws is thrown, and then nothing was written.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task WriteAsync(string name, Func<Stream, Task> write, CancellationToken cancellationToken);

    /// <summary>Removes what writers that were killed left of such files.</summary>
    /// <param name="names">The files.</param>
    void RemoveHalfWritten(IReadOnlySet<string> names);
}

/// <summary>One file of a place.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its length in bytes; nothing when it is no file but a folder.</param>
public sealed record PlacedFile(string Name, long? Bytes);
