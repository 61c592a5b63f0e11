using System.Diagnostics;
using CsCheck;
using Factory.Contracts.Sampling;

namespace Factory.Contracts.Tests.Sampling;

public sealed class SamplePlanTests
{
    private static readonly Gen<(PlanSource[] Sources, long[] Counts, ulong Seed)> Uncapped =
        Gen.Select(Plans.Sources, Gen.Long[0, 300].Array[Plans.Categories], Gen.ULong, (sources, counts, seed) => (sources, Plans.CountsOf(sources, category => counts[category]), seed));

    [Fact]
    public void EveryCategory_HasExactlyTheSamplesAskedFor() => Uncapped.Sample(c =>
    {
        List<SampleDraw> draws = Plans.Draws(new(c.Sources, c.Counts, null, c.Seed));
        for (int category = 0; category < Plans.Categories; category++) draws.LongCount(draw => draw.Label == category).ShouldBe(c.Counts[category]);
        draws.ShouldAllBe(draw => c.Sources[draw.Source].Label == draw.Label);
    }, iter: 200);

    [Fact]
    public void WithoutCap_SubjectsOfACategoryDifferByOneSampleAtMost() => Uncapped.Sample(c =>
    {
        List<SampleDraw> draws = Plans.Draws(new(c.Sources, c.Counts, null, c.Seed));
        for (int category = 0; category < Plans.Categories; category++)
        {
            List<int> counts = [.. c.Sources.Where(source => source.Label == category).Select(source => source.Subject).Distinct()
                .Select(subject => draws.Count(draw => draw.Label == category && c.Sources[draw.Source].Subject == subject))];
            if (counts.Count > 0) (counts.Max() - counts.Min()).ShouldBeLessThanOrEqualTo(1);
        }
    }, iter: 200);

    [Fact]
    public void ImagesOfASubject_DifferByOneSampleAtMost() => Uncapped.Sample(c =>
    {
        List<SampleDraw> draws = Plans.Draws(new(c.Sources, c.Counts, null, c.Seed));
        int[] uses = new int[c.Sources.Length];
        foreach (SampleDraw draw in draws) uses[draw.Source]++;
        foreach (var images in c.Sources.Select((source, position) => (source, position)).GroupBy(pair => pair.source, pair => uses[pair.position]))
        {
            (images.Max() - images.Min()).ShouldBeLessThanOrEqualTo(1);
        }
    }, iter: 200);

    [Fact]
    public void EverySource_IsUsed_WhenEverySubjectHasOneAndSamplesSuffice() => Gen.Select(Gen.Int[1, 60], Gen.Int[0, 40], Gen.ULong).Sample((size, more, seed) =>
    {
        SamplePlan plan = new(Plans.OneEach(size), [size + more], null, seed);
        Plans.Draws(plan).Select(draw => draw.Source).Distinct().Count().ShouldBe(size);
    }, iter: 100);

    [Fact]
    public void Cap_IsNeverExceeded_AndRefusedOnlyWhenNothingFits() => Gen.Select(Uncapped, Gen.Int[1, 60]).Sample((c, cap) =>
    {
        if (MaximumFlow(c.Sources, c.Counts, cap) < c.Counts.Sum())
        {
            Should.Throw<SamplePlanException>(() => new SamplePlan(c.Sources, c.Counts, cap, c.Seed));
            return;
        }
        List<SampleDraw> draws = Plans.Draws(new(c.Sources, c.Counts, cap, c.Seed));
        for (int category = 0; category < Plans.Categories; category++) draws.LongCount(draw => draw.Label == category).ShouldBe(c.Counts[category]);
        draws.GroupBy(draw => c.Sources[draw.Source].Subject).ShouldAllBe(subject => subject.Count() <= cap);
    }, iter: 500);

    [Fact]
    public void CapTooLow_NamesNumbers()
    {
        SamplePlanException refused = Should.Throw<SamplePlanException>(() => new SamplePlan(Plans.OneEach(0, 3, 12, 5), [0, 100, 5000, 100], 60, 1, CategoryList.Amd));
        refused.Message.ShouldBe("Category Pcv: 12 subjects x 60 = 720 samples at most, 5000 asked; raise perSubject or lower samples.");
    }

    [Fact]
    public void CategoryWithoutSource_IsRefusedByName() =>
        Should.Throw<SamplePlanException>(() => new SamplePlan(Plans.OneEach(3, 3, 0, 3), [0, 10, 10, 10], null, 1, CategoryList.Amd)).Message.ShouldContain("Category Pcv has no training image");

    [Fact]
    public void AnyShard_HasNearlyTheCorpusMix() => Gen.Select(Gen.Int[1, 200_000], Gen.Int[0, 100_000], Gen.Int[0, 5_000], Gen.ULong).Sample((a, b, c, seed) =>
    {
        SamplePlan plan = new(Plans.OneEach(9, 9, 9), [a, b, c], null, seed);
        const int Shard = 1000;
        for (long first = 0; first + Shard <= plan.Count; first += Math.Max(Shard, plan.Count / 7 / Shard * Shard))
        {
            int[] mix = new int[3];
            for (int offset = 0; offset < Shard; offset++) mix[plan.Draw(first + offset).Label]++;
            Math.Abs(mix[0] - (Shard * (double)a / plan.Count)).ShouldBeLessThan(12);
            Math.Abs(mix[2] - (Shard * (double)c / plan.Count)).ShouldBeLessThan(12);
        }
    }, iter: 60);

    [Fact]
    public void SamePlan_DrawsTheSame_AnotherSeedDrawsInAnotherOrder()
    {
        PlanSource[] sources = Plans.OneEach(5, 6, 7, 8);
        List<SampleDraw> first = Plans.Draws(new(sources, [0, 40, 50, 60], 20, 7));
        Plans.Draws(new(sources, [0, 40, 50, 60], 20, 7)).ShouldBe(first);
        Plans.Draws(new(sources, [0, 40, 50, 60], 20, 8)).ShouldNotBe(first);
    }

    [Fact]
    public void BillionSamples_ArePlannedAtOnceAndDrawnFast()
    {
        PlanSource[] sources = [.. Enumerable.Range(0, 30_000).Select(image => new PlanSource(image % Plans.Categories, image / 3))];
        Stopwatch clock = Stopwatch.StartNew();
        SamplePlan plan = new(sources, [0, 333_333_333, 333_333_333, 333_333_334], 200_000, 1);
        long planned = clock.ElapsedMilliseconds;
        clock.Restart();
        long sum = 0;
        for (long draw = 0; draw < 1_000_000; draw++) sum += plan.Draw(draw * 999).Source;
        TestContext.Current.SendDiagnosticMessage($"planned in {planned} ms, 1e6 draws in {clock.ElapsedMilliseconds} ms");
        // The machine may be shared: the limits are ten times what was measured.
        planned.ShouldBeLessThan(5_000);
        clock.ElapsedMilliseconds.ShouldBeLessThan(5_000);
        sum.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Index_OutsideTheCorpus_IsRefused()
    {
        SamplePlan plan = new(Plans.OneEach(2), [3], null, 1);
        Should.Throw<ArgumentOutOfRangeException>(() => plan.Draw(3));
        Should.Throw<ArgumentOutOfRangeException>(() => plan.Draw(-1));
    }

    /// <summary>The most samples that fit, by the least cut over all sets of categories.</summary>
    private static long MaximumFlow(PlanSource[] sources, long[] counts, int cap)
    {
        long least = long.MaxValue;
        for (int set = 0; set < 1 << counts.Length; set++)
        {
            long subjects = sources.Where(source => (set >> source.Label & 1) == 1).Select(source => source.Subject).Distinct().Count();
            long others = counts.Where((_, category) => (set >> category & 1) == 0).Sum();
            least = Math.Min(least, others + (subjects * cap));
        }
        return least;
    }
}
