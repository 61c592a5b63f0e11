using CsCheck;
using Factory.Contracts.Recipes;
using Factory.Contracts.Sampling;

namespace Factory.Contracts.Tests.Sampling;

public sealed class PartnerTests
{
    [Fact]
    public void Partner_IsOfTheSameCategoryAndAnotherSubject_WhereThereIsOne() =>
        Gen.Select(Plans.Sources, Gen.ULong).Sample((sources, random) =>
        {
            SamplePlan plan = new(sources, Plans.CountsOf(sources, _ => 10), null, 3);
            for (int source = 0; source < sources.Length; source++)
            {
                PlanSource own = sources[source];
                int? partner = plan.Partner(own.Label, random, source);
                bool another = sources.Any(other => other.Label == own.Label && other.Subject != own.Subject);
                int same = sources.Count(other => other.Label == own.Label);
                if (same == 1) partner.ShouldBeNull();
                else sources[partner.ShouldNotBeNull()].Label.ShouldBe(own.Label);
                if (another) sources[partner!.Value].Subject.ShouldNotBe(own.Subject);
                partner.ShouldNotBe(source);
            }
        }, iter: 200);

    [Fact]
    public void EveryOtherSource_IsDrawnAsPartner()
    {
        SamplePlan plan = new(Plans.OneEach(6), [10], null, 3);
        Enumerable.Range(0, 500).Select(draw => plan.Partner(0, SampleSeeds.Derive(1, draw, 0), 2)).Distinct().Order().ShouldBe([0, 1, 3, 4, 5]);
    }

    [Fact]
    public void Manipulations_AreDrawnByWeight()
    {
        ManipulationChoice[] choices = [new() { Name = "flr", Weight = 1 }, new() { Name = "trs", Weight = 3 }, new() { Name = "gain", Weight = 0.5 }];
        ILookup<string, long> drawn = Enumerable.Range(0, 45_000).ToLookup(index => ManipulationDraw.Pick(choices, SampleSeeds.Derive(1, index, 0)).Name, index => (long)index);
        drawn["flr"].Count().ShouldBeInRange(9_600, 10_400);
        drawn["trs"].Count().ShouldBeInRange(29_500, 30_500);
        drawn["gain"].Count().ShouldBeInRange(4_700, 5_300);
        Should.Throw<ArgumentException>(() => ManipulationDraw.Pick([], 1));
    }
}
