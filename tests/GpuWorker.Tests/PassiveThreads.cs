using System.Runtime.CompilerServices;
using Factory.Synthesis;

namespace Factory.GpuWorker.Tests;

internal static class PassiveThreads
{
    // Test projects run side by side: spinning threads would cost each other most of the time.
    [ModuleInitializer]
    internal static void Set() => ThreadWaiting.MakePassive();
}
