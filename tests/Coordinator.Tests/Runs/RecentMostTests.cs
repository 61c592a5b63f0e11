using Factory.Coordinator.Runs;
using Microsoft.Extensions.Time.Testing;

namespace Factory.Coordinator.Tests.Runs;

public sealed class RecentMostTests
{
    [Fact]
    public void Most_IsRememberedForAWhile_ForEachThingApart()
    {
        FakeTimeProvider time = new();
        RecentMost busy = new(time);

        busy.With("cpu", 3).ShouldBe(3);
        busy.With("cpu", 16).ShouldBe(16);
        busy.With("cuda", 1).ShouldBe(1);
        time.Advance(RecentMost.Memory);
        busy.With("cpu", 2).ShouldBe(16);
        time.Advance(TimeSpan.FromSeconds(1));
        busy.With("cpu", 2).ShouldBe(2);
    }
}
