using Factory.GpuWorker.Datasets;

namespace Factory.GpuWorker.Tests.Datasets;

public sealed class RecentlyUsedTests
{
    [Fact]
    public void BeyondTheBound_WhatWasUsedLongestAgoGoes()
    {
        List<string> dropped = [];
        RecentlyUsed<int, string> cache = new(bytes: 10, dropped.Add);
        cache.Add(1, "one", 4);
        cache.Add(2, "two", 4);
        cache.TryGet(1, out _).ShouldBeTrue();

        cache.Add(3, "three", 4);

        dropped.ShouldBe(["two"]);
        cache.TryGet(1, out string? kept).ShouldBeTrue();
        kept.ShouldBe("one");
        cache.TryGet(2, out _).ShouldBeFalse();
    }

    [Fact]
    public void LatestValue_StaysWhateverItsSize()
    {
        RecentlyUsed<int, string> cache = new(bytes: 10);

        cache.Add(1, "huge", 1000);

        cache.TryGet(1, out _).ShouldBeTrue();
    }
}
