namespace Factory.Coordinator.Runs;

/// <summary>Wakes the dispatcher, and whoever watches runs, when something changed. Losing a signal only costs a poll interval.</summary>
public sealed class RunSignal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next change after this is read.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock) return _changed.Task;
        }
    }

    /// <summary>Says that something changed.</summary>
    public void Raise()
    {
        TaskCompletionSource changed;
        lock (_lock) (changed, _changed) = (_changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        changed.SetResult();
    }
}
