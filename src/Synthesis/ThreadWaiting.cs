using System.Runtime.InteropServices;

namespace Factory.Synthesis;

/// <summary>
/// How torch's threads wait for one another. By default OpenMP's spin: on cores that others use too (a container with a limit, a second process) that made a
/// training step 50 times slower. They sleep instead, unless the environment says otherwise.
/// </summary>
public static partial class ThreadWaiting
{
    /// <summary>Makes OpenMP threads sleep while they wait. Has an effect only before torch is loaded.</summary>
    public static void MakePassive()
    {
        // The runtime's own environment is a copy that native libraries never see.
        if (OperatingSystem.IsLinux()) _ = SetEnvironment("OMP_WAIT_POLICY", "passive", overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
