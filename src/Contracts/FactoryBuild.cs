using System.Reflection;

namespace Factory.Contracts;

/// <summary>Which build of the factory this is. Two builds may differ in bits, so a run is worked on by its coordinator's build only.</summary>
public static class FactoryBuild
{
    /// <summary>Version and, where it was built from a repository, revision, such as <c>0.1.0+4f2a…</c>.</summary>
    public static string Current { get; } =
        typeof(FactoryBuild).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
