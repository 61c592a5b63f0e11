using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Telemetry;
using Factory.Hosting.Telemetry;
using Factory.Hosting.Transport;
using Factory.Storage.Objects;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Factory.Bench;

/// <summary>Workers whose device is a wait: all of a worker's protocol, and shards that hold nothing. Those of one sample have it rejected; those of more have a provenance of all.</summary>
internal static class WaitingWorkers
{
    private const string ReadyLine = "ready";

    /// <summary>Starts workers in a process of their own.</summary>
    public static Process Start(int workers, int milliseconds, string folder) => Process.Start(new ProcessStartInfo(
        Environment.ProcessPath!, ["workers-of", $"{workers}", $"{milliseconds}", folder])
    { RedirectStandardOutput = true })!;

    /// <summary>Waits until they take invitations.</summary>
    public static async Task ReadyAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line == ReadyLine) return;
            Console.WriteLine(line);
        }
        throw new InvalidOperationException("workers did not start");
    }

    /// <summary>Is the process, until it is killed.</summary>
    public static async Task<int> RunAsync(int workers, int milliseconds, string folder)
    {
        FileSystemObjectStore objects = new(folder);
        WaitingDevice device = new(milliseconds, objects, await objects.PutAsync("no samples"u8.ToArray(), MediaTypes.Tar, CancellationToken.None), await objects.PutAsync(Array.Empty<byte>(), MediaTypes.JsonLines, CancellationToken.None));
        List<IHost> hosts = [.. Enumerable.Range(0, workers).Select(_ => Build(device))];
        await Task.WhenAll(hosts.Select(host => host.StartAsync()));
        Console.WriteLine(ReadyLine);
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    private static IHost Build(WaitingDevice device)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddEnvironmentVariables();
        builder.Services.AddLogging(logging => logging.AddConsole().SetMinimumLevel(LogLevel.Error)).AddSingleton(TimeProvider.System).AddSingleton(device).AddSingleton<WorkerMeter>().AddSingleton<AttemptRunner>();
        builder.Services.AddFactoryBus(
            builder.Configuration,
            bus => bus.AddConsumer<WaitingConsumer>().ExcludeFromConfigureEndpoints(),
            (context, transport) => transport.ReceiveEndpoint(WorkQueues.NameOf(typeof(GenerateShard), "cpu", RunPriority.Bulk), endpoint =>
            {
                endpoint.AsWorkQueue(new());
                endpoint.ConfigureConsumer<WaitingConsumer>(context);
            }));
        if (TelemetryBenchmark.IsOn(builder.Configuration)) builder.Services.AddFactoryTelemetry(builder.Configuration, "factory-worker");
        return builder.Build();
    }

    /// <summary>What all of them make.</summary>
    internal sealed record WaitingDevice(int Milliseconds, FileSystemObjectStore Objects, ObjectRef Shard, ObjectRef NoSamples)
    {
        /// <summary>The provenance of a shard's samples, by label.</summary>
        public async Task<(ObjectRef Provenance, int[] Counts)> RecordAsync(GenerateShard shard, CancellationToken cancellationToken)
        {
            int[] counts = new int[4];
            if (shard.Count == 1) return (NoSamples, counts);
            using MemoryStream lines = new();
            for (long index = shard.First; index < shard.First + shard.Count; index++)
            {
                int label = (int)(index % counts.Length);
                counts[label]++;
                Sha256Digest digest = Sha256Digest.Of(BitConverter.GetBytes(index));
                JsonSerializer.Serialize(lines, new SampleRecord
                {
                    Key = digest.Hex[..20],
                    Index = index,
                    Draw = 0,
                    Label = label,
                    Source = (int)(index % 8000),
                    Manipulation = "trs",
                    Parameters = new Dictionary<string, double> { ["dx"] = index % 17, ["dy"] = index % 13 },
                    Seed = (ulong)index,
                    Image = digest,
                    Scores = new Dictionary<string, double> { ["labelFidelity"] = 0.5 },
                }, ContractJson.Options);
                lines.WriteByte((byte)'\n');
            }
            return (await Objects.PutAsync(lines.ToArray(), MediaTypes.JsonLines, cancellationToken), counts);
        }
    }

    /// <summary>Takes invitations as a worker does.</summary>
    internal sealed class WaitingConsumer(AttemptRunner runner, WaitingDevice device) : IConsumer<GenerateShard>
    {
        /// <inheritdoc/>
        public Task Consume(ConsumeContext<GenerateShard> context) => runner.RunAsync(
            context.Message,
            async (command, attempt) =>
            {
                if (device.Milliseconds > 0) await Task.Delay(device.Milliseconds, attempt.CancellationToken);
                (ObjectRef provenance, int[] counts) = await device.RecordAsync(command, attempt.CancellationToken);
                return new ShardGenerated
                {
                    Attempt = attempt.Attempt,
                    Artifact = device.Shard,
                    Provenance = provenance,
                    Counts = counts,
                    Rejected = new Dictionary<string, int> { ["waited"] = command.Count - counts.Sum() },
                    ForwardSeconds = device.Milliseconds / 1000.0,
                    WallSeconds = device.Milliseconds / 1000.0,
                };
            },
            context.CancellationToken);
    }
}
