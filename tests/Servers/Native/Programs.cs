namespace Factory.Tests.Servers.Native;

/// <summary>Finding programs of this machine.</summary>
internal static class Programs
{
    /// <summary>Folders of programs that are not always on PATH.</summary>
    private static readonly string[] UsualFolders = ["/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/lib/rabbitmq/bin", "/usr/lib/docker"];

    /// <summary>The full path of a program.</summary>
    /// <exception cref="ServerUnavailableException">It is nowhere.</exception>
    public static string Find(string name, params string[] firstIn) => FindAll(name, firstIn).FirstOrDefault()
        ?? throw new ServerUnavailableException($"{name} is neither on PATH nor in its usual places");

    /// <summary>Whether a program is there.</summary>
    public static bool Has(string name) => FindAll(name).Any();

    private static IEnumerable<string> FindAll(string name, params string[] firstIn) => firstIn
        .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
        .Concat(UsualFolders)
        .Select(folder => Path.Combine(folder, name))
        .Where(File.Exists);
}
