using System.Globalization;
using Factory.Tests.Servers;

namespace Factory.Faults;

/// <summary>A clock that is wrong for one process, by libfaketime. Its pace is right, and so is every wait.</summary>
internal static class SkewedClock
{
    private const string Library = "faketime/libfaketimeMT.so.1";

    /// <summary>The environment of a process whose clock is so many minutes ahead, behind when negative. Without the library the test is skipped.</summary>
    public static (string Name, string Value)[] Ahead(double minutes) =>
    [
        ("LD_PRELOAD", Find()),
        ("FAKETIME", string.Create(CultureInfo.InvariantCulture, $"{minutes * 60:+0;-0}s")),
        // Elapsed time is not touched. Told to mend timed waits as well, the library would end each of them at once.
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ("FAKETIME_FORCE_MONOTONIC_FIX", "0"),
    ];

    private static string Find()
    {
        string? found = Directory.Exists("/usr/lib")
            ? Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu").Select(folder => Path.Combine(folder, Library)).FirstOrDefault(File.Exists)
            : null;
        if (found is null && Requirement.Names("faketime")) Assert.Fail($"{Requirement.Variable} wants faketime, and {Library} is not there: apt-get install libfaketime");
        Assert.SkipWhen(found is null, $"no {Library}: apt-get install libfaketime");
        return found!;
    }
}
