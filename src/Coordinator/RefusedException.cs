namespace Factory.Coordinator;

/// <summary>A request that cannot be met. Its message is one line for the person who asked; the API answers it as ProblemDetails.</summary>
public sealed class RefusedException : Exception
{
    /// <summary>Makes a refusal.</summary>
    /// <param name="status">HTTP status, 400 to 499.</param>
    /// <param name="message">What is wrong and what to do, in one line.</param>
    public RefusedException(int status, string message)
        : base(message) => Status = status;

    /// <summary>HTTP status, 400 to 499.</summary>
    public int Status { get; }

    /// <summary>Whether the audit log holds the message, which then has nothing in it that a reader of the log may not know. Default: no, the log holds the status.</summary>
    public bool IsAudited { get; init; }

    /// <summary>A refusal because something named does not exist (404).</summary>
    public static RefusedException Missing(string message) => new(404, message);

    /// <summary>A refusal because what was asked for makes no sense (400).</summary>
    public static RefusedException Invalid(string message) => new(400, message);

    /// <summary>A refusal because of the present state (409).</summary>
    public static RefusedException Conflict(string message) => new(409, message);
}
