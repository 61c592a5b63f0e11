namespace Factory.Tests.Servers.Native;

/// <summary>PostgreSQL from this machine's packages.</summary>
internal static class NativePostgres
{
    /// <summary>Makes a database cluster; it is not started.</summary>
    /// <exception cref="ServerUnavailableException">PostgreSQL is not installed.</exception>
    public static async Task<IServerHost> CreateAsync(int port)
    {
        string postgres = Programs.Find("postgres", InstalledVersions());
        ServerFolder folder = new("postgres");
        string[] user = await OwnerAsync(folder);
        string initdb = Path.Combine(Path.GetDirectoryName(postgres)!, "initdb");
        string data = folder.At("data");
        string password = folder.At("password");
        await File.WriteAllTextAsync(password, PostgresServer.Password);
        await folder.RunAsync([.. user, initdb, "-D", data, "-U", PostgresServer.User, "-A", "scram-sha-256", "--pwfile", password, "-E", "UTF8", "--locale=C", "--no-sync"]);
        string[] command = [.. user, postgres, "-D", data, "-h", "127.0.0.1", "-p", $"{port}", "-k", data, .. PostgresServer.Settings];
        return new NativeHost($"native PostgreSQL on port {port}", folder, command, new Dictionary<string, string>(), NativeHost.Interrupt);
    }

    private static string[] InstalledVersions() => Directory.Exists("/usr/lib/postgresql")
        ? [.. Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(folder => folder.Length).ThenByDescending(folder => folder, StringComparer.Ordinal).Select(folder => Path.Combine(folder, "bin"))]
        : [];

    /// <summary>PostgreSQL refuses to be root: then it runs as <c>postgres</c>, or <c>nobody</c> where there is no such user.</summary>
    private static async Task<string[]> OwnerAsync(ServerFolder folder)
    {
        Directory.CreateDirectory(folder.At("data"));
        if (!Environment.IsPrivilegedProcess) return [];
        string user = File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";
        await folder.RunAsync(["chown", $"{user}:", folder.At("data")]);
        return [Programs.Find("setpriv"), "--reuid", user, "--regid", await GroupAsync(user), "--clear-groups"];
    }

    private static async Task<string> GroupAsync(string user) =>
        (await File.ReadAllLinesAsync("/etc/passwd")).First(line => line.StartsWith(user + ":", StringComparison.Ordinal)).Split(':')[3];
}
