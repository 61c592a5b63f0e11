using System.Diagnostics;

namespace Factory.Tests.Servers.Native;

/// <summary>A new folder for a native server's data, scripts and log.</summary>
internal sealed class ServerFolder
{
    /// <summary>Makes the folder.</summary>
    public ServerFolder(string kind)
    {
        Path = Directory.CreateTempSubdirectory($"factory-test-{kind}-").FullName;
        // Servers that refuse to be root run as another user, who has to get in.
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess) File.SetUnixFileMode(Path, File.GetUnixFileMode(Path) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }

    /// <summary>Its full path.</summary>
    public string Path { get; }

    /// <summary>The path of a file or folder in it.</summary>
    public string At(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file into it.</summary>
    public string Write(string name, string text)
    {
        File.WriteAllText(At(name), text);
        return At(name);
    }

    /// <summary>Lays one of this assembly's scripts into it.</summary>
    public string Script(string name)
    {
        using Stream script = typeof(ServerFolder).Assembly.GetManifestResourceStream(name) ?? throw new ArgumentException($"no script {name} in this assembly", nameof(name));
        using StreamReader reader = new(script);
        return Write(name, reader.ReadToEnd());
    }

    /// <summary>Runs a command to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task RunAsync(IReadOnlyList<string> command)
    {
        ProcessStartInfo start = new(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{command[0]} did not start.");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {errors}{await output}");
    }

    /// <summary>Removes it with all it holds.</summary>
    public void Delete()
    {
        if (Directory.Exists(Path)) Directory.Delete(Path, true);
    }
}
