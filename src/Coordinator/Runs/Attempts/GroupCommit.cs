using Factory.Storage.Provenance;

namespace Factory.Coordinator.Runs.Attempts;

/// <summary>
/// Group commit: what is asked for while a transaction is under way, or just over, shares the next one, so that a crowd of requests costs few transactions and a single one waits
/// for nobody.
/// When a shared transaction fails, its requests are carried out one by one: each has its own answer or its own fault.
/// </summary>
/// <param name="carryOut">Carries out requests in one transaction, all or none, and answers in their order. Of several, null: nothing was done, they cannot be told apart together.</param>
internal sealed class GroupCommit<TRequest, TAnswer>(Func<IReadOnlyList<TRequest>, Task<IReadOnlyList<TAnswer>?>> carryOut)
{
    /// <summary>Requests of one transaction at most: bounds what a fault makes to be done again, and how long rows are held.</summary>
    public const int Most = 64;

    // From the end of one transaction to the next; a transaction costs about as much of the processors, however many share it.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly Lock _lock = new();
    private readonly Queue<(TRequest Request, TaskCompletionSource<TAnswer> Answer)> _waiting = new();
    private bool _busy;

    /// <summary>Has a request carried out. It is not cut short by whoever asked going away: nobody else of its transaction is to pay for that.</summary>
    /// <returns>Its answer; or its fault is thrown.</returns>
    public Task<TAnswer> AskAsync(TRequest request)
    {
        TaskCompletionSource<TAnswer> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Enqueue((request, answer));
            if (_busy) return answer.Task;
            _busy = true;
        }
        // A transaction of many is part of nobody's trace.
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(CarryOutAllAsync);
        return answer.Task;
    }

    private async Task CarryOutAllAsync()
    {
        while (Take() is { Count: > 0 } group)
        {
            if (group.Count == 1 || !await TryTogetherAsync(group))
            {
                foreach (var single in group) await CarryOutAloneAsync(single);
            }
            await Task.Delay(Pause);
        }
    }

    private async Task<bool> TryTogetherAsync(List<(TRequest Request, TaskCompletionSource<TAnswer> Answer)> group)
    {
        try
        {
            if (await carryOut(group.ConvertAll(asked => asked.Request)) is not { } answers) return false;
            for (int number = 0; number < group.Count; number++) group[number].Answer.SetResult(answers[number]);
            return true;
        }
        // A database that is away is so for each of them, and each would wait for it in turn.
        catch (Exception away) when (DatabaseFaults.IsPassing(away) && !DatabaseFaults.IsDeadlock(away))
        {
            foreach (var asked in group) asked.Answer.SetException(away);
            return true;
        }
        // Whose fault it is shows when each is alone.
        catch (Exception)
        {
            return false;
        }
    }

    private async Task CarryOutAloneAsync((TRequest Request, TaskCompletionSource<TAnswer> Answer) single)
    {
        try
        {
            single.Answer.SetResult((await carryOut([single.Request]))![0]);
        }
        // Whatever it is, it is thrown at whoever asked.
        catch (Exception fault)
        {
            single.Answer.SetException(fault);
        }
    }

    private List<(TRequest Request, TaskCompletionSource<TAnswer> Answer)> Take()
    {
        lock (_lock)
        {
            List<(TRequest, TaskCompletionSource<TAnswer>)> group = [];
            while (group.Count < Most && _waiting.TryDequeue(out var asked)) group.Add(asked);
            _busy = group.Count > 0;
            return group;
        }
    }
}
