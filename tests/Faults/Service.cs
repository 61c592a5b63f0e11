using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Factory.Faults;

/// <summary>A process of the factory: a coordinator, a worker, or a command.</summary>
internal sealed partial class Service : IDisposable
{
    private const int Stop = 19, Continue = 18, Terminate = 15;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private Service(Process process) => _process = process;

    public bool HasExited => _process.HasExited;

    public string Log => string.Join('\n', _lines);

    /// <summary>Name under which a worker claims.</summary>
    public string Worker => $"{Environment.MachineName}/{_process.Id}";

    /// <summary>Starts a program, by name or path.</summary>
    public static Service Start(string program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(FolderOf(program), program), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("FACTORY_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        // Such a process lives for half a minute: what it would compile a second time, better, it does not get to use (the number is hexadecimal).
        (start.Environment["DOTNET_TieredPGO"], start.Environment["DOTNET_TC_CallCountThreshold"]) = ("0", "2000");
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        Service service = new(new() { StartInfo = start });
        service._process.OutputDataReceived += (_, line) => service.Take(line.Data);
        service._process.ErrorDataReceived += (_, line) => service.Take(line.Data);
        service._process.Start();
        service._process.BeginOutputReadLine();
        service._process.BeginErrorReadLine();
        return service;
    }

    /// <summary>Waits for a line that holds a text, and gives it.</summary>
    public async Task<string> SeeAsync(string text)
    {
        using CancellationTokenSource patience = new(Limit);
        while (true)
        {
            if (_lines.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } line) return line;
            if (HasExited) throw new InvalidOperationException($"the process ended: {Log}");
            await Task.Delay(50, patience.Token);
        }
    }

    public void KillHard() => _process.Kill();

    public void Freeze() => SendSignal(_process.Id, Stop).ShouldBe(0);

    public void Thaw() => SendSignal(_process.Id, Continue).ShouldBe(0);

    /// <summary>Asks it to stop, and waits until it has.</summary>
    public async Task<int> EndAsync(bool ask = true)
    {
        if (ask && !HasExited) SendSignal(_process.Id, Terminate).ShouldBe(0);
        await _process.WaitForExitAsync().WaitAsync(Limit);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Where a program was built.</summary>
    public static string FolderOf(string program) => typeof(Service).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .SingleOrDefault(folder => folder.Key == program)?.Value ?? AppContext.BaseDirectory;

    private void Take(string? line)
    {
        if (line is not null) _lines.Enqueue(line);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
