using System.Collections.Concurrent;
using Factory.Contracts.Work;

namespace Factory.Coordinator.Runs;

/// <summary>The latest sign of life of each attempt, in memory: only for watching, never for deciding.</summary>
internal sealed class ProgressBoard(TimeProvider time)
{
    private readonly ConcurrentDictionary<long, AttemptProgressed> _progress = new();
    private readonly ConcurrentDictionary<int, (long Started, long Done)> _firstSeen = new();

    /// <summary>Posts a sign of life.</summary>
    public void Post(AttemptProgressed progress) => _progress[progress.Attempt.ItemId] = progress;

    /// <summary>The latest sign of life of the item's given attempt.</summary>
    public AttemptProgressed? Find(long itemId, int attempt) =>
        _progress.TryGetValue(itemId, out AttemptProgressed? progress) && progress.Attempt.Number == attempt ? progress : null;

    /// <summary>Forgets items that are over.</summary>
    public void KeepOnly(IReadOnlySet<long> running)
    {
        foreach (long itemId in _progress.Keys.Where(itemId => !running.Contains(itemId))) _progress.TryRemove(itemId, out _);
    }

    /// <summary>Units a second since this process first saw the step at work; absent before there is a measure.</summary>
    public double? Rate(int stepId, long done)
    {
        long now = time.GetTimestamp();
        (long started, long before) = _firstSeen.GetOrAdd(stepId, (now, done));
        double seconds = time.GetElapsedTime(started, now).TotalSeconds;
        return seconds >= 1 && done > before ? (done - before) / seconds : null;
    }
}
