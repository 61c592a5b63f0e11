using CsCheck;
using Factory.Contracts.Recipes;
using Factory.Contracts.Sampling;

namespace Factory.Contracts.Tests.Sampling;

public sealed class SampleAllocationTests
{
    private static readonly PlanSource[] Sources = Plans.OneEach(10, 1, 2, 7);

    private static readonly SynthesizeStep Step = new() { Name = "corpus", Generator = "generator" };

    [Fact]
    public void Balance_ByCategories_SharesEvenlyAndGivesTheRestToTheFirst() =>
        SampleAllocation.Allocate(Step with { Samples = 100 }, CategoryList.Amd, Sources).ShouldBe([0, 34, 33, 33]);

    [Fact]
    public void Background_IsSynthesizedWhereAskedFor() =>
        SampleAllocation.Allocate(Step with { Samples = 100, Background = "synthesize" }, CategoryList.Amd, Sources).ShouldBe([25, 25, 25, 25]);

    [Fact]
    public void Balance_BySources_FollowsTheTrainingImages() =>
        SampleAllocation.Allocate(Step with { Samples = 101, Balance = "sources" }, CategoryList.Amd, Sources).ShouldBe([0, 10, 20, 71]);

    [Fact]
    public void Counts_AreTakenByNameWhateverTheCase() =>
        SampleAllocation.Allocate(Step with { Counts = new Dictionary<string, long> { ["pcv"] = 5, ["WetAmd"] = 9 } }, CategoryList.Amd, Sources).ShouldBe([0, 0, 5, 9]);

    [Theory]
    [InlineData("Drusen", "'Drusen'")]
    [InlineData("Normal", "background: synthesize")]
    public void Counts_ThatCannotBe_AreRefused(string category, string named) =>
        Should.Throw<SamplePlanException>(() => SampleAllocation.Allocate(Step with { Counts = new Dictionary<string, long> { [category] = 5 } }, CategoryList.Amd, Sources))
            .Message.ShouldContain(named);

    [Fact]
    public void NoSourceAtAll_IsRefused() => Should.Throw<SamplePlanException>(
        () => SampleAllocation.Allocate(Step with { Samples = 100, Balance = "sources" }, CategoryList.Amd, Plans.OneEach(5, 0, 0, 0))).Message.ShouldContain("no source image");

    [Fact]
    public void Shares_SumToTheTotal_AndAreWithinOneOfProportion() =>
        Gen.Select(Gen.Long[0, 1_000_000_000], Gen.Long[0, 1_000_000].Array[1, 12]).Where((_, weights) => weights.Sum() > 0).Sample((total, weights) =>
        {
            IReadOnlyList<long> parts = SampleAllocation.Share(total, weights);
            parts.Sum().ShouldBe(total);
            for (int index = 0; index < weights.Length; index++) Math.Abs(parts[index] - ((double)total * weights[index] / weights.Sum())).ShouldBeLessThan(1.0001);
        });
}
