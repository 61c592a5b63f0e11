using Factory.Contracts.Work;

namespace Factory.GpuWorker.Attempts;

/// <summary>How many attempts to claim at once: those of a moment as many as fill half a second, for a claim costs about as much however many it grants. Others singly.</summary>
internal sealed class Pace
{
    private static readonly TimeSpan Stretch = TimeSpan.FromSeconds(0.5);
    private (int RunId, string Step, TimeSpan Each)? _last;

    /// <summary>Attempts to claim for an invitation. The first of a step is claimed by itself.</summary>
    public int MostOf(WorkOrder order) =>
        _last is { } last && (last.RunId, last.Step) == (order.RunId, order.Step) ? (int)Math.Clamp(Stretch / last.Each, 1, ClaimAttempt.Limit) : 1;

    /// <summary>Attempts of a step took so long each, claiming included.</summary>
    public void Took(WorkOrder order, TimeSpan each) => _last = (order.RunId, order.Step, each);
}
