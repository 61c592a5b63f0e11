namespace Factory.Synthesis.Cams.Manipulations;

/// <summary>A manipulation that is unknown, given wrong parameters, or not applicable to a CAM.</summary>
public sealed class ManipulationException : Exception
{
    /// <summary>An exception with a default message.</summary>
    public ManipulationException()
        : base("The manipulation cannot be applied.")
    {
    }

    /// <summary>An exception that says what is wrong.</summary>
    /// <param name="message">One line: which manipulation, what, and what is allowed.</param>
    public ManipulationException(string message)
        : base(message)
    {
    }

    /// <summary>An exception that says what is wrong and keeps its cause.</summary>
    /// <param name="message">One line: which manipulation, what, and what is allowed.</param>
    /// <param name="innerException">The cause.</param>
    public ManipulationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
