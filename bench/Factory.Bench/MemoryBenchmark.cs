using System.Diagnostics;
using System.Globalization;
using Factory.Contracts.Api;

namespace Factory.Bench;

/// <summary>Memory of coordinator and worker in one process, over a corpus and one four times as large.</summary>
internal static class MemoryBenchmark
{
    private const int ShardSize = 250;

    /// <summary>Measures both sizes, each in a process of its own.</summary>
    public static async Task<int> RunAsync(int samples) => await ChildAsync(samples) | await ChildAsync(4 * samples);

    /// <summary>Measures one size in this process.</summary>
    public static Task<int> RunOneAsync(int samples) => Measure.InFolderAsync(async folder =>
    {
        StepOutput output = await UntrainedFactory.SynthesizeAsync(folder, "tiny64", samples, ShardSize);
        Measure.Print($"memory: {output.Samples!.Sum()} samples in shards of {ShardSize}: peak {Measure.Megabytes("VmHWM"):F0} MB, at the end {Measure.Megabytes("VmRSS"):F0} MB");
        return 0;
    });

    private static async Task<int> ChildAsync(int samples)
    {
        using Process child = Process.Start(Environment.ProcessPath!, ["memory-of", samples.ToString(CultureInfo.InvariantCulture)]);
        await child.WaitForExitAsync();
        return child.ExitCode;
    }
}
