using Factory.Contracts.Sampling;

namespace Factory.Contracts.Tests.Sampling;

public sealed class SampleSeedsTests
{
    [Fact]
    public void Seeds_NeverChange()
    {
        // Computed with Python's hashlib; corpora already made depend on them.
        SampleSeeds.Derive(1, "corpus").ShouldBe(7232793873878212288UL);
        SampleSeeds.Derive(1, 0, 0).ShouldBe(16792154630357575104UL);
        SampleSeeds.Key(1, 0).ShouldBe("jehrk46iqeh4e7z5juxq");
    }

    [Fact]
    public void Keys_AreDistinctLettersAndDigits()
    {
        HashSet<string> keys = [.. Enumerable.Range(0, 50_000).Select(index => SampleSeeds.Key(42, index))];
        keys.Count.ShouldBe(50_000);
        keys.ShouldAllBe(key => key.Length == SampleSeeds.KeyLength && key.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)));
    }

    [Fact]
    public void SeedStepIndexAndDraw_EachChangeTheSeed()
    {
        ulong[] seeds =
        [
            SampleSeeds.Derive(1, 0, 0), SampleSeeds.Derive(2, 0, 0), SampleSeeds.Derive(1, 1, 0), SampleSeeds.Derive(1, 0, 1), SampleSeeds.Derive(1, 1L << 40, 0),
            SampleSeeds.Derive(1, "a"), SampleSeeds.Derive(1, "b"), SampleSeeds.Derive(2, "a"), SampleSeeds.Derive(1, ""), SampleSeeds.Derive(1, new string('x', 500)),
        ];
        seeds.Distinct().Count().ShouldBe(seeds.Length);
    }
}
