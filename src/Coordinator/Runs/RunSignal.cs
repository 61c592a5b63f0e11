namespace Factory.Coordinator.Runs;

/// <summary>Wakes the dispatcher, and whoever watches runs, when something changed. Losing a signal only costs a poll interval.</summary>
public sealed class RunSignal
{
    private readonly Lock _lock = new();
    private int _own;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next change after this is read.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock) return _changed.Task;
        }
    }

    /// <summary>Whether this process has changed something since this was last asked; others may not know.</summary>
    public bool TakeOwn() => Interlocked.Exchange(ref _own, 0) == 1;

    /// <summary>Says that this process changed something.</summary>
    public void Raise()
    {
        Interlocked.Exchange(ref _own, 1);
        RaiseHeard();
    }

    /// <summary>Says that something changed of which others know already.</summary>
    public void RaiseHeard()
    {
        TaskCompletionSource changed;
        lock (_lock) (changed, _changed) = (_changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        changed.SetResult();
    }
}
