using System.Diagnostics;
using System.Globalization;

namespace Factory.Bench;

/// <summary>What every benchmark needs.</summary>
internal static class Measure
{
    public static int Number(string[] arguments, int at, int otherwise) =>
        arguments.Length > at ? int.Parse(arguments[at], CultureInfo.InvariantCulture) : otherwise;

    /// <summary>Runs something in a folder that goes away afterwards.</summary>
    public static async Task<T> InFolderAsync<T>(Func<string, Task<T>> run)
    {
        string folder = Directory.CreateTempSubdirectory("factory-bench-").FullName;
        try
        {
            return await run(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static async Task<double> SecondsAsync(Func<Task> run)
    {
        long started = Stopwatch.GetTimestamp();
        await run();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public static double Shell(string command)
    {
        long started = Stopwatch.GetTimestamp();
        using Process shell = Process.Start("/bin/sh", ["-c", command]);
        shell.WaitForExit();
        return shell.ExitCode == 0 ? Stopwatch.GetElapsedTime(started).TotalSeconds : throw new InvalidOperationException($"'{command}' failed with exit code {shell.ExitCode}.");
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    /// <summary>A figure of this process in MB, as Linux counts it: <c>VmHWM</c> is the peak of resident memory, <c>VmRSS</c> the present.</summary>
    public static double Megabytes(string field)
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field + ":", StringComparison.Ordinal));
        return double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    public static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));
}
