using System.Diagnostics;

namespace Factory.EndToEnd;

/// <summary>A file system in memory, of a size or quality no temporary folder has. Where mounting is not permitted, the test is skipped.</summary>
internal sealed class TestMount : IDisposable
{
    private TestMount(string folder) => Folder = folder;

    public string Folder { get; }

    public static TestMount Make(string folder, string options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder), "mounting a file system is not permitted here");
        return new(folder);
    }

    public void Remount(string options) => Run("mount", "-o", "remount," + options, Folder).ShouldBeTrue();

    public void Dispose() => Run("umount", Folder);

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
