using Factory.Contracts;
using Factory.Coordinator.Runs;

namespace Factory.Coordinator.Tests.Runs;

public sealed class DispatchSharesTests
{
    [Theory]
    [InlineData(1, 0, 4)]
    [InlineData(3, 7, 2)]
    [InlineData(50, 0, 1)]
    public void Shares_GiveEachRunSomething_AndTogetherKeepToTheBudget(int runs, int busy, int window)
    {
        IReadOnlyList<int> shares = DispatchShares.Of([.. Enumerable.Range(0, runs).Select(run => run % 3 == 0 ? RunPriority.Interactive : RunPriority.Bulk)], window, busy);

        shares.Count.ShouldBe(runs);
        shares.ShouldAllBe(share => share >= 1);
        shares.Sum().ShouldBeLessThanOrEqualTo(window + (2 * busy) + runs);
    }

    [Fact]
    public void InteractiveRun_HasFourTimesTheShareOfABulkRun() =>
        DispatchShares.Of([RunPriority.Bulk, RunPriority.Interactive], window: 10, busy: 0).ShouldBe([2, 8]);

    [Fact]
    public void LonelyRun_HasTheWholeBudget() => DispatchShares.Of([RunPriority.Bulk], window: 4, busy: 3).ShouldBe([10]);
}
