using Factory.Contracts;

namespace Factory.Coordinator.Runs;

/// <summary>How the invitations that may be out for one kind of device are shared between runs.</summary>
internal static class DispatchShares
{
    // An interactive run is somebody waiting; a bulk run is a night long.
    private const int InteractiveWeight = 4;

    /// <summary>What each run may have out, in the order given.</summary>
    /// <param name="priorities">The priority of each active run on the device.</param>
    /// <param name="window">Invitations that may wait, at least 1.</param>
    /// <param name="busy">Items worked on at once, of late.</param>
    /// <returns>At least 1 for each run; together at most the budget and one more for each run.</returns>
    public static IReadOnlyList<int> Of(IReadOnlyList<RunPriority> priorities, int window, int busy)
    {
        // Twice the busy ones: every worker finds its next item waiting, and new workers find some to begin with.
        int budget = window + (2 * busy), total = priorities.Sum(WeightOf);
        return [.. priorities.Select(priority => (int)Math.Ceiling((double)budget * WeightOf(priority) / total))];
    }

    private static int WeightOf(RunPriority priority) => priority == RunPriority.Interactive ? InteractiveWeight : 1;
}
