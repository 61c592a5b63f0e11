namespace Factory.Synthesis.Phantoms;

/// <summary>Thrown when a phantom collection is to be written into a folder that holds something else. Permanent: choose another folder.</summary>
public sealed class PhantomDirectoryException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="message">One sentence saying what it holds and what to do.</param>
    public PhantomDirectoryException(string directory, string message)
        : base(message) => Directory = directory;

    /// <summary>The folder that was refused.</summary>
    public string Directory { get; }
}
