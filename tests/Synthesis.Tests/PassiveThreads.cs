using System.Runtime.CompilerServices;

namespace Factory.Synthesis.Tests;

internal static class PassiveThreads
{
    // Test projects run side by side: spinning threads would cost each other most of the time.
    [ModuleInitializer]
    internal static void Set() => ThreadWaiting.MakePassive();
}
