using System.Net;
using System.Net.Sockets;

namespace Factory.Storage.Tests.Objects;

/// <summary>A way to a server that a test can cut.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Uri _server;
    private readonly Lock _lock = new();
    private readonly List<TcpClient> _clients = [];
    private long _answerBytes = long.MaxValue;

    public CuttingProxy(Uri server)
    {
        _server = server;
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Connections made so far.</summary>
    public int Connections { get; private set; }

    /// <summary>Bytes that each connection made from now on brings back before it is cut.</summary>
    public void CutAfter(long answerBytes)
    {
        Volatile.Write(ref _answerBytes, answerBytes);
        CloseAll();
    }

    /// <summary>Connections made from now on are whole.</summary>
    public void Mend() => CutAfter(long.MaxValue);

    public void Dispose()
    {
        _listener.Stop();
        CloseAll();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = CarryAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception stopped) when (stopped is ObjectDisposedException or SocketException)
        {
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using TcpClient server = new();
        lock (_lock)
        {
            Connections++;
            _clients.Add(client);
        }
        try
        {
            await server.ConnectAsync(_server.Host, _server.Port);
            Task asked = CopyAsync(client.GetStream(), server.GetStream(), long.MaxValue);
            await CopyAsync(server.GetStream(), client.GetStream(), Volatile.Read(ref _answerBytes));
            client.Close();
            server.Close();
            await asked;
        }
        catch (Exception cut) when (cut is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
        }
        finally
        {
            client.Dispose();
        }
    }

    private static async Task CopyAsync(NetworkStream from, NetworkStream to, long limit)
    {
        byte[] buffer = new byte[8192];
        int read;
        while (limit > 0 && (read = await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, limit)))) > 0)
        {
            await to.WriteAsync(buffer.AsMemory(0, read));
            limit -= read;
        }
    }

    private void CloseAll()
    {
        lock (_lock)
        {
            foreach (TcpClient client in _clients) client.Dispose();
            _clients.Clear();
        }
    }
}
