namespace Factory.Tests.Servers;

/// <summary>The time during which a proxy has one fault.</summary>
internal sealed class FaultPhase(Fault fault)
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The fault.</summary>
    public Fault Fault => fault;

    /// <summary>Ends when the next fault, or none, has begun.</summary>
    public Task Ended => _end.Task;

    /// <summary>Ends it.</summary>
    public void End() => _end.TrySetResult();
}
