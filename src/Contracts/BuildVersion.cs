using System.Reflection;

namespace Factory.Contracts;

/// <summary>The version of a program, as it names itself to others.</summary>
public static class BuildVersion
{
    private const int RevisionDigits = 8;

    /// <summary>Version of this build of the factory, with its source revision when it was built from a repository: <c>0.1.0+4f2c91ab</c>.</summary>
    public static string Current { get; } = Of(typeof(BuildVersion).Assembly);

    private static string Of(Assembly assembly)
    {
        string text = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        int end = text.IndexOf('+', StringComparison.Ordinal) + 1 + RevisionDigits;
        return end > RevisionDigits && end < text.Length ? text[..end] : text;
    }
}
