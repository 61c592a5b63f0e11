namespace Factory.Synthesis.Published;

/// <summary>A file of weights that cannot be read: damaged, hostile, of another format, or larger than what is read. The message is one line.</summary>
public sealed class WeightFileException : Exception
{
    /// <summary>An exception with a default message.</summary>
    public WeightFileException()
        : base("The file holds no weights that can be read.")
    {
    }

    /// <summary>An exception that says what is wrong.</summary>
    /// <param name="message">One line: what, where, expected and actual.</param>
    public WeightFileException(string message)
        : base(message)
    {
    }

    /// <summary>An exception that says what is wrong and keeps its cause.</summary>
    /// <param name="message">One line: what, where, expected and actual.</param>
    /// <param name="innerException">The cause.</param>
    public WeightFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
