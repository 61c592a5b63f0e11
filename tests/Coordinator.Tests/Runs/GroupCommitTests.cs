using Factory.Coordinator.Runs.Attempts;

namespace Factory.Coordinator.Tests.Runs;

public sealed class GroupCommitTests
{
    private readonly TaskCompletionSource _first = new();
    private readonly List<int[]> _groups = [];

    [Fact]
    public async Task WhatComesMeanwhile_SharesTheNextTransaction()
    {
        GroupCommit<int, int> commit = new(async requests =>
        {
            _groups.Add([.. requests]);
            await _first.Task;
            return [.. requests.Select(request => request * 10)];
        });
        Task<int>[] asked = [.. Enumerable.Range(0, 6).Select(commit.AskAsync)];
        while (_groups.Count == 0) await Task.Delay(1, TestContext.Current.CancellationToken);
        Task<int> late = commit.AskAsync(6);

        _first.SetResult();

        (await Task.WhenAll(asked)).ShouldBe([0, 10, 20, 30, 40, 50]);
        (await late).ShouldBe(60);
        _groups.SelectMany(group => group).ShouldBe(Enumerable.Range(0, 7));
        _groups.Count.ShouldBeLessThanOrEqualTo(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhenTogetherFails_EachHasItsOwnAnswer(bool byException)
    {
        GroupCommit<int, int> commit = new(async requests =>
        {
            _groups.Add([.. requests]);
            await _first.Task;
            if (requests is [3]) throw new InvalidOperationException("three");
            if (requests.Contains(3)) return byException ? throw new InvalidOperationException("someone") : null;
            return [.. requests];
        });
        Task<int>[] asked = [.. Enumerable.Range(1, 5).Select(commit.AskAsync)];
        _first.SetResult();

        (await Should.ThrowAsync<InvalidOperationException>(asked[2])).Message.ShouldBe("three");

        foreach (int number in new[] { 1, 2, 4, 5 }) (await asked[number - 1]).ShouldBe(number);
        (await commit.AskAsync(6)).ShouldBe(6);
    }

    [Fact]
    public async Task Group_IsBounded()
    {
        GroupCommit<int, int> commit = new(async requests =>
        {
            _groups.Add([.. requests]);
            await _first.Task;
            return [.. requests];
        });
        Task<int>[] asked = [.. Enumerable.Range(0, 100).Select(commit.AskAsync)];
        _first.SetResult();

        (await Task.WhenAll(asked)).ShouldBe(Enumerable.Range(0, 100));

        _groups.Max(group => group.Length).ShouldBeLessThanOrEqualTo(GroupCommit<int, int>.Most);
    }
}
