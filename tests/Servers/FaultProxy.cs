using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Factory.Tests.Servers;

/// <summary>A TCP proxy on a loopback port before a server. Its fault can be changed while connections are open, and acts on them too.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly string _host;
    private readonly int _port;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<ProxiedConnection, Task> _connections = new();
    private readonly Lock _switch = new();
    private TcpListener? _listener;
    private FaultPhase _phase = new(Fault.None);
    private int _accepted;
    private long _sent;

    private FaultProxy(string host, int port)
    {
        _host = host;
        _port = port;
        Port = LoopbackPort.Take(1)[0];
        Listen();
    }

    /// <summary>Its port on 127.0.0.1, the same throughout.</summary>
    public int Port { get; }

    /// <summary>How many connections clients have made so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>How many bytes clients have sent on to the server so far.</summary>
    public long SentBytes => Interlocked.Read(ref _sent);

    /// <summary>How many connections are open.</summary>
    public int Open => _connections.Count;

    /// <summary>What happens to connections; <see cref="Fault.None"/> at first.</summary>
    public Fault Fault
    {
        get => _phase.Fault;
        set => Switch(value);
    }

    /// <summary>Starts a proxy before a server, which need not run yet.</summary>
    public static FaultProxy Start(string host, int port) => new(host, port);

    /// <summary>Starts a proxy before a server of the test's own.</summary>
    public static FaultProxy Start(ControlledServer server) => new("127.0.0.1", server.Port);

    /// <summary>Cuts every open connection by a reset; new ones are as before.</summary>
    public void CutConnections()
    {
        foreach (ProxiedConnection connection in _connections.Keys) connection.Cut();
    }

    /// <summary>Ends it and every connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        lock (_switch) Deafen();
        CutConnections();
        await Task.WhenAll(_connections.Values);
        _stop.Dispose();
    }

    private void Switch(Fault fault)
    {
        lock (_switch)
        {
            FaultPhase ended = _phase;
            _phase = new(fault);
            if (fault.Refuses) Deafen();
            else if (_listener is null) Listen();
            ended.End();
        }

        if (fault.Refuses) CutConnections();
    }

    private void Listen()
    {
        _listener = new(IPAddress.Loopback, Port);
        _listener.Start();
        _ = AcceptAsync(_listener);
    }

    private void Deafen()
    {
        _listener?.Dispose();
        _listener = null;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true) Carry(await listener.AcceptSocketAsync(_stop.Token));
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException or SocketException or InvalidOperationException)
        {
            // Nobody listens any more.
        }
    }

    private void Carry(Socket client)
    {
        Interlocked.Increment(ref _accepted);
        ProxiedConnection connection = new(client, () => _phase, bytes => Interlocked.Add(ref _sent, bytes), _stop.Token);
        TaskCompletionSource registered = new();
        _connections[connection] = CarryAsync(connection, registered.Task);
        registered.SetResult();
        if (_phase.Fault.Refuses) connection.Cut();
    }

    private async Task CarryAsync(ProxiedConnection connection, Task registered)
    {
        await registered;
        await connection.RunAsync(_host, _port);
        _connections.TryRemove(connection, out _);
    }
}
