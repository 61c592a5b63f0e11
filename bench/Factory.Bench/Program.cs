using Factory.Bench;

// One file a benchmark; each prints what it measured and the machine's own figure beside it.
return args switch
{
    ["shards", .. string[] rest] => await ShardBenchmark.RunAsync(Measure.Number(rest, 0, 1000), Measure.Number(rest, 1, 3)),
    ["import", .. string[] rest] => await ImportBenchmark.RunAsync(Measure.Number(rest, 0, 400), Measure.Number(rest, 1, 640)),
    ["plan", .. string[] rest] => await PlanBenchmark.RunAsync(Measure.Number(rest, 0, 1_000_000)),
    ["lineage", .. string[] rest] => await LineageBenchmark.RunAsync(Measure.Number(rest, 0, 1_000_000), rest.Length > 1 ? rest[1] : null),
    ["api", .. string[] rest] => await ApiBenchmark.RunAsync(Measure.Number(rest, 0, 1_000_000), Measure.Number(rest, 1, 60), rest.Length > 2 ? rest[2] : null),
    ["synthesis", .. string[] rest] => await SynthesisBenchmark.RunAsync(rest.Length > 0 ? rest[0] : "paper256", Measure.Number(rest, 1, 24)),
    ["telemetry", .. string[] rest] => await TelemetryBenchmark.RunAsync(rest.Length > 0 ? rest[0] : "small256", Measure.Number(rest, 1, 96), Measure.Number(rest, 2, 3)),
    ["memory", .. string[] rest] => await MemoryBenchmark.RunAsync(Measure.Number(rest, 0, 2000)),
    ["memory-of", .. string[] rest] => await MemoryBenchmark.RunOneAsync(Measure.Number(rest, 0, 2000)),
    ["forward", .. string[] rest] => NetworksBenchmark.Forward(rest.Length > 0 ? rest[0] : "paper256", Measure.Number(rest, 1, 1), Measure.Number(rest, 2, 5)),
    ["step", .. string[] rest] => NetworksBenchmark.Step(rest.Length > 0 ? rest[0] : "small256", Measure.Number(rest, 1, 5)),
    ["classifier-step", .. string[] rest] => NetworksBenchmark.ClassifierStep(Measure.Number(rest, 0, 256), Measure.Number(rest, 1, 8), Measure.Number(rest, 2, 10)),
    ["conditions", .. string[] rest] => NetworksBenchmark.Conditions(rest.Length > 0 ? rest[0] : "paper256", Measure.Number(rest, 1, 5)),
    ["items", .. string[] rest] => await ItemsBenchmark.RunAsync(Measure.Number(rest, 0, 5000), Measure.Number(rest, 1, 1), Measure.Number(rest, 2, 16), Measure.Number(rest, 3, 0), Measure.Number(rest, 4, 1)),
    ["workers-of", .. string[] rest] => await WaitingWorkers.RunAsync(Measure.Number(rest, 0, 1), Measure.Number(rest, 1, 0), rest[2]),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        usage: Factory.Bench shards [samples=1000] [rounds=3]
               Factory.Bench import [images=400] [their width=640]
               Factory.Bench plan [samples=1000000]
               Factory.Bench lineage [samples=1000000] [connection string of a PostgreSQL server; default: FACTORY_TEST_POSTGRES]
               Factory.Bench api [items=1000000] [seconds=60] [connection string of a PostgreSQL server; default: FACTORY_TEST_POSTGRES]
               Factory.Bench synthesis [preset=paper256] [samples=24]
               Factory.Bench telemetry [preset=small256] [samples=96] [rounds=3]
               Factory.Bench memory [samples=2000]
               Factory.Bench forward [preset=paper256] [batch=1] [rounds=5], against python3-torch
               Factory.Bench step [preset=small256] [rounds=5], against python3-torch
               Factory.Bench classifier-step [pixels=256] [batch=8] [rounds=10], against python3-torchvision
               Factory.Bench conditions [preset=paper256] [rounds=5]
               Factory.Bench items [items=5000] [processes=1] [workers in each=16] [milliseconds=0] [samples of each=1], on the database and broker of the environment; with OTEL_EXPORTER_OTLP_ENDPOINT, telemetry on
        """);
    return 2;
}
