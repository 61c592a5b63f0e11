namespace Factory.Coordinator.Access;

/// <summary>Credentials that do not let their bearer in. Its message is one line for whoever showed them and repeats no secret.</summary>
/// <param name="message">What is wrong and what to do.</param>
/// <param name="caller">Whose they are or were; null when nobody's.</param>
internal sealed class AccessFailedException(string message, Caller? caller = null) : Exception(message)
{
    /// <summary>Whose credentials they are or were; null when nobody's.</summary>
    public Caller? Caller { get; } = caller;

    /// <summary>How long its address has to wait before it is heard again; null: these credentials were heard.</summary>
    public TimeSpan? Wait { get; init; }
}
