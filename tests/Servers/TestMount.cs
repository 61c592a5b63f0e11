using System.Diagnostics;
using Xunit;

namespace Factory.Tests.Servers;

/// <summary>A file system in memory, of a size or quality no temporary folder has. Where mounting is not permitted, the test is skipped.</summary>
public sealed class TestMount : IDisposable
{
    private TestMount(string folder) => Folder = folder;

    /// <summary>Where it is mounted.</summary>
    public string Folder { get; }

    /// <summary>Mounts one over an empty folder.</summary>
    public static TestMount Make(string folder, string options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder), "mounting a file system is not permitted here; it takes root");
        return new(folder);
    }

    /// <summary>Changes its options, such as its size.</summary>
    public void Remount(string options)
    {
        if (!Run("mount", "-o", "remount," + options, Folder)) throw new InvalidOperationException($"{Folder} cannot be mounted again with {options}.");
    }

    /// <summary>Takes it away; what still holds it open keeps it until then.</summary>
    public void Dispose() => Run("umount", "--lazy", Folder);

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
