using Factory.Synthesis.Imaging;
using Factory.Synthesis.Training;

namespace Factory.Synthesis.Tests.Training;

public sealed class PairSetTests
{
    // MMC-AMD's training split: normal, dry AMD, PCV, wet AMD.
    private static readonly int[] Cfp = [155, 67, 259, 453], Oct = [156, 33, 289, 531];

    [Fact]
    public void LoosePairs_AreCountedAsPublished()
    {
        var pairs = PairSet.Loose(Sized(Cfp), Sized(Oct));
        pairs.Counts(4).ShouldBe([24_180, 2_211, 74_851, 240_543]);
        pairs.Examples.ShouldBe(341_785);
    }

    [Fact]
    public void LoosePairs_AreAllPairsOfACategory_EachOnce()
    {
        var (cfp, oct) = (Sized([2, 3]), Sized([1, 2]));
        var pairs = PairSet.Loose(cfp, oct);
        var listed = Enumerable.Range(0, (int)pairs.Examples).Select(i => pairs.Pair(i)).ToList();
        listed.Distinct().Count().ShouldBe((2 * 1) + (3 * 2));
        listed.ShouldAllBe(pair => cfp.Label(pair.Cfp) == pair.Label && oct.Label(pair.Oct) == pair.Label);
        Should.Throw<ArgumentOutOfRangeException>(() => pairs.Pair(8));
    }

    [Fact]
    public void LoosePairs_MayBeMoreThanCanBeNumberedByAnInt()
    {
        var pairs = PairSet.Loose(Sized([100_000]), Sized([100_000]));
        pairs.Examples.ShouldBe(10_000_000_000);
        pairs.Pair(pairs.Examples - 1).ShouldBe((0, 99_999, 99_999));
        var draw = pairs.BalancedDraws(1);
        var rng = new Rng(1);
        Enumerable.Range(0, 100).Select(_ => draw(rng)).Select(e => (e.Images[0], e.Images[1])).Distinct().Count().ShouldBe(100);
    }

    [Fact]
    public void StrictPairs_AreOfOneEye()
    {
        // Eye 7 has two CFP and three OCT, eye 8 one of each, eye 9 no OCT, and of eye 5 the two do not agree on the category.
        int[] cfpEyes = [7, 7, 8, 9, 5, -1], octEyes = [8, 7, 7, 7, 5, -1];
        var cfp = new ImageSet(6, i => i == 2 ? 1 : 0, _ => new RgbImage(4, 4));
        var oct = new ImageSet(6, i => i is 0 or 4 ? 1 : 0, _ => new RgbImage(4, 4));
        var pairs = PairSet.Strict(cfp, oct, i => cfpEyes[i], i => octEyes[i]);
        Enumerable.Range(0, (int)pairs.Examples).Select(i => pairs.Pair(i)).ShouldBe([(0, 0, 1), (0, 0, 2), (0, 0, 3), (0, 1, 1), (0, 1, 2), (0, 1, 3), (1, 2, 0)]);
        pairs.Of(0).Count.ShouldBe(7);
        pairs.Of(1).Label(6).ShouldBe(1);
    }

    [Fact]
    public void NoPairs_IsSaid()
    {
        Should.Throw<ArgumentException>(() => PairSet.Loose(Sized([1, 0]), Sized([0, 1]))).Message.ShouldContain("No category has both");
        Should.Throw<ArgumentException>(() => PairSet.Strict(Sized([1]), Sized([1]), _ => 1, _ => 2)).Message.ShouldContain("No eye has both");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Draws_TakeCategoriesEvenly_AndPairsOfACategoryEvenly(bool strict)
    {
        var (cfp, oct) = (Sized([30, 2]), Sized([10, 3]));
        // Every two CFP images are an eye, with one OCT image.
        var pairs = strict
            ? PairSet.Strict(cfp, oct, i => i < 20 ? i / 2 : i >= 30 ? 100 : -1, i => i < 10 ? i : 100)
            : PairSet.Loose(cfp, oct);
        var draw = pairs.BalancedDraws(2);
        var rng = new Rng(7);
        const int draws = 40_000;
        var counts = Enumerable.Range(0, draws).Select(_ => draw(rng)).GroupBy(e => (e.Label, e.Images[0], e.Images[1])).ToDictionary(g => g.Key, g => g.Count());
        counts.Where(c => c.Key.Label == 1).Sum(c => c.Value).ShouldBeInRange((draws / 2) - 600, (draws / 2) + 600);
        var numbers = pairs.Counts(2);
        numbers.ShouldBe(strict ? [20, 6] : [300, 6]);
        foreach (var label in new[] { 0, 1 })
        {
            var expected = draws / 2.0 / numbers[label];
            counts.Count(c => c.Key.Label == label).ShouldBe((int)numbers[label]);
            counts.Where(c => c.Key.Label == label).ShouldAllBe(c => Math.Abs(c.Value - expected) < 6 * Math.Sqrt(expected));
        }
    }

    private static ImageSet Sized(int[] counts)
    {
        int[] labels = [.. counts.SelectMany((count, label) => Enumerable.Repeat(label, count))];
        return new ImageSet(labels.Length, i => labels[i], _ => throw new InvalidOperationException("Pairs are made without looking at images."));
    }
}
