using System.Diagnostics;

namespace Factory.Storage.Tests;

/// <summary>A folder that goes away with the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private bool _mounted;

    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("factory-storage-").FullName;

    public string Path { get; }

    public static TemporaryFolder OnTinyDisk(string size)
    {
        TemporaryFolder folder = new();
        folder._mounted = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", folder.Path);
        if (folder._mounted) return folder;
        folder.Dispose();
        Assert.Skip("Mounting a tmpfs is not permitted here.");
        return folder;
    }

    public string Of(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public void Remount(string mode) => Run("mount", "-o", $"remount,{mode}", Path).ShouldBeTrue();

    public void Dispose()
    {
        if (_mounted) Run("umount", Path);
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
