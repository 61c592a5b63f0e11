namespace Factory.Cli;

/// <summary>Something the user can put right. Its message is printed as it is, without a stack trace, and the command exits with 1.</summary>
public sealed class CliException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="message">What is wrong and what to do; one line, or one line for each fault.</param>
    public CliException(string message)
        : base(message)
    {
    }

    /// <summary>The HTTP status of the coordinator's answer, or the one it would give, where that is what was wrong.</summary>
    public int? Status { get; init; }
}
