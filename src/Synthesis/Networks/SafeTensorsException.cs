namespace Factory.Synthesis.Networks;

/// <summary>A file that is not well-formed safetensors; the message says in one line what is wrong and where.</summary>
public sealed class SafeTensorsException : Exception
{
    /// <summary>An exception with a default message.</summary>
    public SafeTensorsException()
        : base("The safetensors file is malformed.")
    {
    }

    /// <summary>An exception that says what is wrong.</summary>
    /// <param name="message">One line: what, where, expected and actual.</param>
    public SafeTensorsException(string message)
        : base(message)
    {
    }

    /// <summary>An exception that says what is wrong and keeps its cause.</summary>
    /// <param name="message">One line: what, where, expected and actual.</param>
    /// <param name="innerException">The cause.</param>
    public SafeTensorsException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
