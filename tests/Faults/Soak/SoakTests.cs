using System.Diagnostics;
using System.Globalization;
using Factory.Tests.Servers;

namespace Factory.Faults.Soak;

/// <summary>Small runs, one after another for as long as is wished, under faults drawn at random; each must end as in peace. Runs only when asked for: <c>bench/soak</c>.</summary>
public sealed class SoakTests(Peace peace)
{
    private static readonly double Minutes = Number("FACTORY_SOAK_MINUTES") ?? 10;
    private static readonly int Seed = (int?)Number("FACTORY_SOAK_SEED") ?? Environment.TickCount & 0xFFFFFF;
    private readonly SortedDictionary<string, int> _faults = new(StringComparer.Ordinal);
    private readonly List<string> _failed = [];

    [Fact(Explicit = true)]
    public async Task RunsUnderRandomFaults_EndAsInPeace()
    {
        Say($"soak of {Minutes} minutes, seed {Seed}");
        await peace.MakeAsync();
        Stopwatch watch = Stopwatch.StartNew();
        int runs = 0;
        for (; watch.Elapsed < TimeSpan.FromMinutes(Minutes); runs++)
        {
            try
            {
                await RunAsync(runs);
            }
            // A run that went wrong is told, and the next one begins.
            catch (Exception wrong)
            {
                string log = Path.Combine(Path.GetTempPath(), $"factory-soak-{Seed}-{runs}.log");
                await File.WriteAllTextAsync(log, wrong.ToString());
                _failed.Add($"run {runs} (seed {Seed}): {wrong.Message.Split('\n')[0]}; see {log}");
                Say($"run {runs}: FAILED; see {log}");
            }
        }
        Say($"{runs} runs in {watch.Elapsed.TotalMinutes:F1} minutes, {runs - _failed.Count} as in peace, {_failed.Count} failed, {_faults.Values.Sum()} faults, seed {Seed}");
        foreach ((string fault, int times) in _faults) Say($"  {times,4} {fault}");
        _failed.ShouldBeEmpty();
        runs.ShouldBeGreaterThan(0);
    }

    private async Task RunAsync(int number)
    {
        Stopwatch watch = Stopwatch.StartNew();
        // A run's faults are the same whatever the runs before it took.
        Random random = new((Seed * 31) + number);
        S3Server server = await peace.S3Async();
        await using FaultProxy store = FaultProxy.Start(server);
        S3Access bucket = await server.CreateBucketAsync();
        await using DistributedFactory factory = await DistributedFactory.CreateAsync(peace, bucket, ("Objects__S3__RequestTimeout", "00:00:05"), ("Objects__S3__Retries", "2"));
        factory.Use(bucket with { Endpoint = new($"http://127.0.0.1:{store.Port}") });
        Disturbance disturbance = await Disturbance.StartAsync(factory, store, peace, random);
        await factory.SubmitAsync();
        List<string> done = [];
        while (!await factory.IsOverAsync()) done.Add(await disturbance.DisturbAsync());
        await factory.ShouldEndAsInPeaceAsync();
        foreach (string fault in done) _faults[fault] = _faults.GetValueOrDefault(fault) + 1;
        Say($"run {number}: as in peace after {watch.Elapsed.TotalSeconds:F0} s of {string.Join(", ", done)}");
    }

    private static double? Number(string variable) => double.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out double number) ? number : null;

    private static void Say(string line) => Console.WriteLine(line);
}
