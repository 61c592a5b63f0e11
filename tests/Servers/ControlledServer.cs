namespace Factory.Tests.Servers;

/// <summary>A server that a test starts, stops and freezes. It is a container where a Docker engine answers and has the image, else a process of this machine.</summary>
public abstract class ControlledServer : IAsyncDisposable
{
    private readonly IServerHost _host;

    private protected ControlledServer(IServerHost host, int port)
    {
        _host = host;
        Port = port;
    }

    /// <summary>Its TCP port on 127.0.0.1, the same after a restart.</summary>
    public int Port { get; }

    /// <summary>What it runs in, for messages.</summary>
    public string Description => _host.Description;

    /// <summary>Starts it again where it was and waits until it answers.</summary>
    public async Task StartAsync()
    {
        await _host.StartAsync();
        await Readiness.WaitAsync(_host, AskAsync);
    }

    /// <summary>Stops it as an operator would; connections break and new ones are refused.</summary>
    public Task StopAsync() => _host.StopAsync();

    /// <summary>Freezes it: connections stay open and nothing answers.</summary>
    public Task PauseAsync() => _host.PauseAsync();

    /// <summary>Ends a pause.</summary>
    public Task ResumeAsync() => _host.ResumeAsync();

    /// <summary>Ends it for good and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Throws until the server does its work.</summary>
    private protected abstract Task AskAsync(CancellationToken stop);

    /// <summary>Starts a server in a container, else natively.</summary>
    /// <exception cref="ServerUnavailableException">Neither is possible here.</exception>
    private protected static async Task<T> StartedAsync<T>(string service, Func<Task<IServerHost>> container, Func<Task<IServerHost>> native, Func<IServerHost, T> server)
        where T : ControlledServer
    {
        T started = server(await HostAsync(service, container, native));
        try
        {
            await started.StartAsync();
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    private static async Task<IServerHost> HostAsync(string service, Func<Task<IServerHost>> container, Func<Task<IServerHost>> native)
    {
        string noContainer;
        try
        {
            return await container();
        }
        catch (ServerUnavailableException missing) when (!Requirement.Names("docker"))
        {
            noContainer = missing.Message;
        }

        try
        {
            return await native();
        }
        catch (ServerUnavailableException missing)
        {
            throw new ServerUnavailableException($"{noContainer}; {missing.Message}. Name one in FACTORY_TEST_{service.ToUpperInvariant()}, start a Docker engine, or install the server.");
        }
    }
}
