using CsCheck;

namespace Factory.Synthesis.Tests;

public sealed class RngTests
{
    [Fact]
    public void Stream_IsSplitMix64()
    {
        // The published first outputs of SplitMix64 for seed 1234567.
        var rng = new Rng(1234567);
        ulong[] drawn = [rng.NextUInt64(), rng.NextUInt64(), rng.NextUInt64()];
        drawn.ShouldBe([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL]);
    }

    [Fact]
    public void SavedState_ContinuesTheStream() =>
        Gen.ULong.Sample(seed =>
        {
            var rng = new Rng(seed);
            rng.NextGaussian();
            var copy = Rng.FromState(rng.State);
            return rng.NextUInt64() == copy.NextUInt64() && rng.NextInt(7) == copy.NextInt(7);
        });

    [Fact]
    public void Draws_StayInRangeAndSpread()
    {
        var rng = new Rng(5);
        var counts = new int[6];
        var (sum, squares) = (0.0, 0.0);
        for (var i = 0; i < 60_000; i++)
        {
            counts[rng.NextInt(6)]++;
            rng.NextDouble().ShouldBeInRange(0, 1 - 1e-16);
            var gaussian = rng.NextGaussian();
            (sum, squares) = (sum + gaussian, squares + (gaussian * gaussian));
        }
        counts.ShouldAllBe(count => count > 9_500 && count < 10_500);
        (sum / 60_000).ShouldBe(0, 0.02);
        (squares / 60_000).ShouldBe(1, 0.03);
    }

    [Fact]
    public void BoundBelowOne_IsRefused() => Should.Throw<ArgumentOutOfRangeException>(() => new Rng(1).NextInt(0));
}
