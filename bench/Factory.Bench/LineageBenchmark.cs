using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Bench;

/// <summary>The two questions of lineage on PostgreSQL: how long they take in a corpus of any size, and whether the server reads them off its indexes.</summary>
internal static class LineageBenchmark
{
    private const int Rounds = 200, PageSize = 100;
    private const double MillisecondsTarget = 100;

    public static Task<int> RunAsync(int samples, string? server) => BenchDatabase.InNewAsync("lineage", server, options => MeasureAsync(options, samples));

    private static async Task<int> MeasureAsync(DatabaseOptions options, int samples)
    {
        double filling = await Measure.SecondsAsync(async () =>
        {
            await using FactoryDbContext database = FactoryDatabase.Open(options);
            await database.MigrateAsync(CancellationToken.None);
            await LineageData.FillAsync(database, samples);
        });
        Measure.Print($"lineage: {samples} samples of {LineageData.Subjects} subjects, written by the server in {filling:F0} s");
        long derived = 0;
        bool good = await ReportAsync(options, "samples of a subject", round => Task.Run(async () =>
        {
            await using FactoryDbContext database = FactoryDatabase.Open(options);
            derived = await FollowAsync(new(database), 1, round);
        }));
        Measure.Print($"  a subject has about {derived} samples");
        good &= await ReportAsync(options, "behind a sample", round => Task.Run(async () =>
        {
            await using FactoryDbContext database = FactoryDatabase.Open(options);
            string key = $"00000000000000a7-{(long)round * 7_919_993 % samples:d8}";
            _ = await new Lineage(database).BehindAsync(key, CancellationToken.None) ?? throw new InvalidOperationException($"no sample {key}.");
        }));
        return good ? 0 : 1;
    }

    // What the endpoint does: the subject's images, a page, the count.
    private static async Task<long> FollowAsync(Lineage lineage, int collection, int round)
    {
        List<long> images = await lineage.ImagesOfAsync(collection, null, $"subject-{round * 37 % LineageData.Subjects}", CancellationToken.None);
        SamplePlace after = round % 2 == 0 ? SamplePlace.Start : new(round * 11, 0);
        _ = await lineage.PageAsync(images, after, PageSize, CancellationToken.None);
        return await lineage.CountAsync(images, CancellationToken.None);
    }

    private static async Task<bool> ReportAsync(DatabaseOptions options, string question, Func<int, Task> ask)
    {
        List<double> milliseconds = [];
        double first = await Measure.SecondsAsync(() => ask(Rounds)) * 1000;
        for (int round = 0; round < Rounds; round++) milliseconds.Add(await Measure.SecondsAsync(() => ask(round)) * 1000);
        milliseconds.Sort();
        List<string> plans;
        using (QueryPlans listening = new())
        {
            await ask(Rounds + 1);
            plans = await listening.ExplainAsync(options.ConnectionString);
        }
        bool indexed = plans.Count > 0 && plans.TrueForAll(plan => !plan.Contains("Seq Scan on samples", StringComparison.Ordinal));
        double p95 = milliseconds[Rounds * 95 / 100];
        Measure.Print($"  {question}: p50 {milliseconds[Rounds / 2]:F1} ms, p95 {p95:F1} ms, most {milliseconds[^1]:F1} ms, very first {first:F0} ms (target {MillisecondsTarget}); by index: {(indexed ? "yes" : "NO")}");
        if (!indexed || Environment.GetEnvironmentVariable("FACTORY_BENCH_PLANS") == "1") plans.ForEach(Console.WriteLine);
        return indexed && p95 < MillisecondsTarget;
    }
}
