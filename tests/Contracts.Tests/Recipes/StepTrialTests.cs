using Factory.Contracts.Recipes;
using Factory.Contracts.Sampling;

namespace Factory.Contracts.Tests.Recipes;

public sealed class StepTrialTests
{
    [Theory]
    [InlineData("baseline", "baseline", 1)]
    [InlineData("baseline.trial2", "baseline", 2)]
    [InlineData("baseline.trial20", "baseline", 20)]
    [InlineData("checkpoint:run-1-baseline.trial2", "checkpoint:run-1-baseline.trial2", 1)]
    public void Name_SaysStepAndTrial(string name, string step, int number)
    {
        StepTrial trial = StepTrial.Of(name);

        (trial.Step, trial.Number).ShouldBe((step, number));
        trial.Name.ShouldBe(name);
    }

    [Fact]
    public void EachTrial_HasASeedOfItsOwn_AndTheFirstTheStepsOwn()
    {
        ulong[] seeds = [.. Enumerable.Range(1, StepTrial.Most).Select(number => SampleSeeds.Derive(7, new StepTrial("baseline", number).Name))];

        seeds[0].ShouldBe(SampleSeeds.Derive(7, "baseline"));
        seeds.Distinct().Count().ShouldBe(StepTrial.Most);
    }
}
