namespace Factory.Synthesis.Networks;

/// <summary>A checkpoint that does not fit what it is used for: wrong kind, missing or superfluous tensors, other shapes.</summary>
public sealed class CheckpointException : Exception
{
    /// <summary>An exception with a default message.</summary>
    public CheckpointException()
        : base("The checkpoint does not fit.")
    {
    }

    /// <summary>An exception that says what does not fit.</summary>
    /// <param name="message">One line: what, expected and actual.</param>
    public CheckpointException(string message)
        : base(message)
    {
    }

    /// <summary>An exception that says what does not fit and keeps its cause.</summary>
    /// <param name="message">One line: what, expected and actual.</param>
    /// <param name="innerException">The cause.</param>
    public CheckpointException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
