using Factory.Contracts.Api;
using Factory.Coordinator.Runs;
using Factory.Coordinator.Runs.Plans;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Tests.Runs.Plans;

public sealed class PlanForecastTests : IDisposable
{
    private static readonly TimeSpan AttemptTime = TimeSpan.FromSeconds(5);
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task BeforeAnyWork_SizesAreKnownAndTimesAreNot()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await host.RegisterAsync(await TestCollection.MakeAsync(host));

        RecipePlan plan = await PlanAsync(host, TestRecipe.Small);

        plan.Steps.Select(step => (step.Name, step.Items, step.ItemUnits, step.Units, step.Unit)).ShouldBe(
        [
            ("classifier", 2, 10, 20, "steps"), ("cams", 1, 8, 8, "images"), ("generator", 1, 10, 10, "steps"), ("corpus", 4, 10, 30, "samples"), ("scores", 1, 4, 4, "images"),
        ]);
        plan.Steps.ShouldAllBe(step => step.Forecasts!.Count == 0 && step.MinuteShard == null);
    }

    [Fact]
    public async Task AfterARun_ThePlanOfTheSameRecipeTellsItsTimes()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await CompleteSlowlyAsync(host, await host.SubmitSmallAsync());

        RecipePlan plan = await PlanAsync(host, TestRecipe.Small);

        StepForecast classifier = Forecast(plan, "classifier");
        (classifier.Device, classifier.Attempts).ShouldBe(("cpu", 2));
        classifier.UnitsPerSecond.ShouldBe(2, 0.001);
        (classifier.ItemSeconds, classifier.StepSeconds).ShouldBe((5, 10));
        Forecast(plan, "cams").UnitsPerSecond.ShouldBe(8 / 5.0, 0.001);
        // Shards say themselves how long they took: one second, here.
        Forecast(plan, "corpus").UnitsPerSecond.ShouldBe(10, 0.001);
        plan.Steps.Single(step => step.Name == "corpus").MinuteShard.ShouldBe(600);
        plan.Steps.Where(step => step.Name != "corpus").ShouldAllBe(step => step.MinuteShard == null);
        plan.Steps.Single(step => step.Name == "scores").Forecasts.ShouldBeEmpty();
    }

    [Fact]
    public async Task WorkOfAnotherSizeOrOnAnotherDevice_IsNotForecastFromIt()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await CompleteSlowlyAsync(host, await host.SubmitSmallAsync());

        RecipePlan wider = await PlanAsync(host, TestRecipe.Small.Replace("size: 64", "size: 64\n    width: 8", StringComparison.Ordinal));
        RecipePlan gpu = await PlanAsync(host, TestRecipe.Small.Replace("modality: cfp", "modality: cfp\nnumerics: { device: cuda }", StringComparison.Ordinal));

        wider.Steps.Single(step => step.Name == "classifier").Forecasts.ShouldBeEmpty();
        Forecast(wider, "corpus").UnitsPerSecond.ShouldBe(10, 0.001, "the generator is the same");
        Forecast(gpu, "corpus").Device.ShouldBe("cpu", "it is told what is known, and of what device");
        gpu.Steps.Single(step => step.Name == "corpus").MinuteShard.ShouldBeNull("nothing is known of the device asked for");
    }

    [Theory]
    [InlineData(0.001, 1)]
    [InlineData(0.5, 30)]
    [InlineData(1.234, 74)]
    [InlineData(12.34, 740)]
    [InlineData(1e6, 10_000)]
    public void MinuteShard_IsARoundNumberThatRecipesAllow(double rate, int samples) => PlanForecast.MinuteShard(rate).ShouldBe(samples);

    private static StepForecast Forecast(RecipePlan plan, string step) => plan.Steps.Single(candidate => candidate.Name == step).Forecasts.ShouldNotBeNull().ShouldHaveSingleItem();

    private static Task<RecipePlan> PlanAsync(CoordinatorHost host, string yaml) =>
        host.ScopedAsync<RunSubmission, RecipePlan>(submission => submission.PlanAsync(yaml, "recipe.yaml", CancellationToken.None));

    private static async Task CompleteSlowlyAsync(CoordinatorHost host, int runId)
    {
        await host.AdvanceAsync(runId);
        for (List<WorkItem> open = await host.OpenAsync(runId); open.Count > 0; open = await host.OpenAsync(runId))
        {
            foreach (WorkItem item in open)
            {
                var attempt = await host.ClaimAsync(item.Id);
                host.Time.Advance(AttemptTime);
                await host.DeliverAsync(await host.ComputeAsync(item, attempt));
            }
            await host.AdvanceAsync(runId);
        }
    }
}
