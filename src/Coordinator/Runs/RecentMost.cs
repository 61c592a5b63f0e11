namespace Factory.Coordinator.Runs;

/// <summary>
/// The most of something that was counted of late. Items that take a moment are mostly over when they are counted; how many workers there are shows in the most that were seen at once.
/// </summary>
internal sealed class RecentMost(TimeProvider time)
{
    /// <summary>How long a count is remembered.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, (int Count, long At)> _most = [];

    /// <summary>Takes a count in, and gives the most of late.</summary>
    /// <param name="of">What is counted.</param>
    /// <param name="count">How many there are now.</param>
    public int With(string of, int count)
    {
        if (!_most.TryGetValue(of, out var most) || count >= most.Count || time.GetElapsedTime(most.At) > Memory) _most[of] = most = (count, time.GetTimestamp());
        return most.Count;
    }
}
