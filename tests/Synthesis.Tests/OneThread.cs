using System.Runtime.CompilerServices;
using TorchSharp;

namespace Factory.Synthesis.Tests;

internal static class OneThread
{
    /// <summary>Networks as small as those of the tests are three times as fast on one thread as on two, which wait for one another more than they compute.</summary>
    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "Before any test, whichever comes first.")]
    internal static void Set() => torch.set_num_threads(1);
}
