using Factory.Synthesis.Networks;
using TorchSharp;

namespace Factory.Synthesis.Tests.Networks;

public sealed class LeakyTests
{
    [Fact]
    public void Slope_IsThatOfThePaper_OfBothForms()
    {
        using var x = torch.tensor([-1f, 0, 2]);
        using var apart = Leaky.Of(x);
        apart.data<float>().ToArray().ShouldBe([-0.2f, 0, 2]);
        using var leaky = new Leaky();
        leaky.call(x);
        x.data<float>().ToArray().ShouldBe([-0.2f, 0, 2]);
    }

    // The layer that makes a scalar for each call fails here within the second.
    [Fact]
    public void Collections_LeaveTheSlopeAlone()
    {
        using CancellationTokenSource over = new(TimeSpan.FromSeconds(3));
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
            using var leaky = new Leaky();
            using var x = torch.full(1, -1f);
            while (!over.IsCancellationRequested)
            {
                x.fill_(Minus);
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

    private static readonly Scalar Minus = -1f;
}
