using Factory.Storage.Objects.S3;
using Microsoft.Extensions.Time.Testing;

namespace Factory.Storage.Tests.Objects;

public sealed class S3ProbeTests : IAsyncLifetime
{
    private S3Fixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await S3Fixture.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _fixture?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task WholeBucket_PassesEveryStep_AndIsLeftClean()
    {
        await _fixture.WriteAsync($"{S3Fixture.Prefix}/probe/of-another/small", [1]);
        IReadOnlyList<ProbeStep> steps = await _fixture.Probe().RunAsync(CancellationToken.None);
        steps.Select(step => step.Name).ShouldBe(["put", "head", "get", "list", "multipart", "checksum", "delete"]);
        steps.ShouldAllBe(step => step.Ok);
        // What another probe is about is left to it.
        (await _fixture.KeysAsync()).ShouldBe([$"{S3Fixture.Prefix}/probe/of-another/small"]);
    }

    [Fact]
    public async Task WhatOthersLeftBehindLongAgo_IsRemoved()
    {
        await _fixture.WriteAsync($"{S3Fixture.Prefix}/probe/of-a-dead-one/small", [1]);
        await _fixture.WriteAsync($"{S3Fixture.Prefix}/objects/kept", [1]);
        FakeTimeProvider later = new(TimeProvider.System.GetUtcNow().AddMinutes(14));
        (await _fixture.Probe(time: later).RunAsync(CancellationToken.None)).ShouldAllBe(step => step.Ok);
        (await _fixture.KeysAsync()).ShouldBe([$"{S3Fixture.Prefix}/objects/kept"]);
    }

    [Fact]
    public async Task FaultAtTheStart_IsToldOnce_AndTheOthersAreNotTried()
    {
        IReadOnlyList<ProbeStep> steps = await _fixture.Probe(options => options.Bucket = "no-such-bucket-here").RunAsync(CancellationToken.None);
        steps[0].Fault!.ShouldContain("no bucket no-such-bucket-here");
        steps.Count.ShouldBe(7);
        steps.Skip(1).ShouldAllBe(step => step.Fault!.StartsWith("not tried"));
    }

    [Fact]
    public async Task CanceledProbe_CleansUp()
    {
        using CancellationTokenSource source = new(TimeSpan.FromMilliseconds(60));
        try
        {
            await _fixture.Probe().RunAsync(source.Token);
        }
        catch (OperationCanceledException)
        {
        }
        (await _fixture.KeysAsync()).ShouldBeEmpty();
    }
}
