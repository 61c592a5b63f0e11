using Factory.Contracts.Recipes;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Devices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using TorchSharp;

namespace Factory.GpuWorker.Tests.Devices;

[Collection(typeof(TinyCorpusCollection))]
public sealed class TorchDeviceTests
{
    [Fact]
    public async Task Work_RunsOnOneThread_InOrder_WithTheRunsThreads()
    {
        using TorchDevice device = Create("cpu");
        List<int> order = [];
        Task<(int Thread, int TorchThreads)>[] work = [.. Enumerable.Range(1, 20).Select(number => device.RunAsync(
            new Numerics { Device = "cpu", Threads = 1 + (number % 2) },
            () =>
            {
                order.Add(number);
                return (Environment.CurrentManagedThreadId, torch.get_num_threads());
            },
            CancellationToken.None))];

        (int Thread, int TorchThreads)[] results = await Task.WhenAll(work);

        order.ShouldBe(Enumerable.Range(1, 20));
        results.Select(result => result.Thread).Distinct().Count().ShouldBe(1);
        results.Select(result => result.TorchThreads).ShouldBe(Enumerable.Range(1, 20).Select(number => 1 + (number % 2)));
        torch.get_num_interop_threads().ShouldBe(1);
    }

    [Fact]
    public async Task FaultOfOneComputation_LeavesTheThreadToTheNext()
    {
        using TorchDevice device = Create("cpu");
        Numerics numerics = new() { Device = "cpu", Threads = 1 };

        await Should.ThrowAsync<InvalidOperationException>(() => device.RunAsync<int>(numerics, () => throw new InvalidOperationException("no"), CancellationToken.None));
        (await device.RunAsync(numerics, () => 7, CancellationToken.None)).ShouldBe(7);
    }

    [Fact]
    public void MissingDevice_IsSaidAtTheStart()
    {
        Assert.SkipWhen(torch.cuda.is_available(), "this machine has a CUDA device");
        Should.Throw<PermanentWorkException>(() => Create("cuda:0")).Message.ShouldContain("cuda:0");
    }

    private static TorchDevice Create(string name) => new(Options.Create(new DeviceOptions { Name = name }), NullLogger<TorchDevice>.Instance);
}
