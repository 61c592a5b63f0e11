using TorchSharp;

namespace Factory.Synthesis.Tests;

public sealed class ScalarLifetimeTests
{
    // The number becomes a scalar that nobody refers to while torch reads it; with TorchSharp as it is shipped this fails within a second or two.
    [Fact]
    public void Collections_LeaveTheNumbersOfAnOperationAlone()
    {
        using CancellationTokenSource over = new(TimeSpan.FromSeconds(4));
        Thread collector = new(() =>
        {
            while (!over.IsCancellationRequested)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            using var leaky = torch.nn.LeakyReLU(0.2, inplace: true);
            using var x = torch.full(1, -1f);
            while (!over.IsCancellationRequested)
            {
                x.fill_(-1f);
                leaky.call(x);
                x.item<float>().ShouldBe(-0.2f);
            }
        }
        finally
        {
            over.Cancel();
            collector.Join();
        }
    }
}
