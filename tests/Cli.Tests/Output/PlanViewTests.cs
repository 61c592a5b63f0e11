using Factory.Cli.Output;
using Factory.Contracts;
using Factory.Contracts.Api;

namespace Factory.Cli.Tests.Output;

public sealed class PlanViewTests
{
    private static readonly StepForecast Cpu = new() { Device = "cpu", UnitsPerSecond = 12.5, Attempts = 3, ItemSeconds = 80, StepSeconds = 320 };
    private static readonly PlannedStep Corpus = new() { Name = "corpus", Kind = "Synthesize", Items = 5, Units = 4000, Unit = "samples", ItemUnits = 1000 };

    [Fact]
    public void StepThatWasNeverMeasured_SaysSo()
    {
        PlanView.Cells(Corpus).ShouldBe(["corpus", "Synthesize", "5", "1000 samples", "4000 samples", "not measured yet", "not measured yet"]);
        PlanView.Advice(Plan(Corpus)).ShouldHaveSingleItem().ShouldContain("once shards of such a generator were made on cpu");
    }

    [Fact]
    public void StepThatWasMeasured_TellsTimesByDeviceAndAHandyShard()
    {
        PlannedStep step = Corpus with { Forecasts = [Cpu, Cpu with { Device = "cuda", ItemSeconds = 1.23, StepSeconds = 4.9 }], MinuteShard = 750 };

        PlanView.Cells(step)[^2..].ShouldBe(["cpu 1m20s, cuda 1.2s", "cpu 5m20s, cuda 4.9s"]);
        PlanView.Advice(Plan(step)).ShouldHaveSingleItem().ShouldBe("corpus: 12.5 samples/s on cpu; shardSize: 750 makes shards of about a minute");
    }

    [Fact]
    public void StepOfUnknownLength_TellsTheTimeOfAnItem()
    {
        PlannedStep step = new() { Name = "generator", Kind = "TrainGenerator", Items = 0, Units = 0, Unit = "steps", ItemUnits = 500, Forecasts = [Cpu with { StepSeconds = null }] };

        PlanView.Cells(step).ShouldBe(["generator", "TrainGenerator", "by preset", "500 steps", "", "cpu 1m20s", ""]);
        PlanView.Advice(Plan(step)).ShouldBeEmpty();
    }

    private static RecipePlan Plan(params PlannedStep[] steps) => new()
    {
        Name = "plan",
        Recipe = Sha256Digest.Of("recipe"u8),
        Collection = "eyes@1",
        Numerics = new() { Device = "cpu", Threads = 2 },
        Steps = steps,
    };
}
