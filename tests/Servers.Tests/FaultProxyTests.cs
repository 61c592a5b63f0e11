using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Factory.Tests.Servers;

namespace Factory.Servers.Tests;

/// <summary>The fault proxy before a server that sends back what it gets.</summary>
public sealed class FaultProxyTests : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(300);
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly FaultProxy _proxy;

    public FaultProxyTests()
    {
        _server.Start();
        _ = EchoAsync();
        _proxy = FaultProxy.Start("127.0.0.1", ((IPEndPoint)_server.LocalEndpoint).Port);
    }

    [Fact]
    public async Task NoFault_PassesEverything()
    {
        byte[] sent = new byte[3_000_000];
        new Random(1).NextBytes(sent);
        using TcpClient client = await ConnectAsync();

        Task sending = client.GetStream().WriteAsync(sent).AsTask();
        byte[] received = await ReadAsync(client, sent.Length);
        await sending;

        received.ShouldBe(sent);
        _proxy.Accepted.ShouldBe(1);
    }

    [Fact]
    public async Task Refusal_CutsOpenConnectionsAndRefusesNewOnes_UntilItEnds()
    {
        using TcpClient open = await ConnectAsync();
        await EchoedAsync(open);

        _proxy.Fault = Fault.Refuse;

        await Should.ThrowAsync<Exception>(() => ReadAsync(open, 1));
        (await Should.ThrowAsync<SocketException>(ConnectAsync)).SocketErrorCode.ShouldBe(SocketError.ConnectionRefused);

        _proxy.Fault = Fault.None;
        using TcpClient later = await ConnectAsync();
        await EchoedAsync(later);
    }

    [Fact]
    public async Task Cut_LetsThatManyBytesPass()
    {
        using TcpClient client = await ConnectAsync();
        await EchoedAsync(client);

        _proxy.Fault = Fault.CutAfter(1500);
        await client.GetStream().WriteAsync(new byte[1000]);

        // A thousand go to the server, and half of them come back.
        (await ReadAsync(client, 500)).Length.ShouldBe(500);
        await Should.ThrowAsync<Exception>(() => ReadAsync(client, 1));
    }

    [Fact]
    public async Task BlackHole_HoldsBytes_AndLetsThemGoWhenItEnds()
    {
        using TcpClient client = await ConnectAsync();
        await EchoedAsync(client);

        _proxy.Fault = Fault.BlackHole;
        await client.GetStream().WriteAsync(new byte[] { 9 });
        Task<byte[]> answer = ReadAsync(client, 1);
        await Should.ThrowAsync<TimeoutException>(() => answer.WaitAsync(Soon));
        using TcpClient accepted = await ConnectAsync();

        _proxy.Fault = Fault.None;
        (await answer).ShouldBe([9]);
        await EchoedAsync(accepted);
    }

    [Fact]
    public async Task Delay_HoldsEachWay()
    {
        using TcpClient client = await ConnectAsync();
        _proxy.Fault = Fault.Late(Soon);
        Stopwatch watch = Stopwatch.StartNew();

        await EchoedAsync(client);

        watch.Elapsed.ShouldBeGreaterThan(1.9 * Soon);
    }

    [Fact]
    public async Task Throttle_LimitsBytesPerSecond()
    {
        using TcpClient client = await ConnectAsync();
        _proxy.Fault = Fault.Throttle(20_000);
        Stopwatch watch = Stopwatch.StartNew();

        await client.GetStream().WriteAsync(new byte[10_000]);
        await ReadAsync(client, 10_000);

        watch.Elapsed.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(450));
    }

    [Fact]
    public async Task CutConnections_LeavesTheProxyOpen()
    {
        using TcpClient client = await ConnectAsync();
        await EchoedAsync(client);

        _proxy.CutConnections();

        await Should.ThrowAsync<Exception>(() => ReadAsync(client, 1));
        using TcpClient later = await ConnectAsync();
        await EchoedAsync(later);
    }

    [Fact]
    public async Task DeadServer_ResetsTheClient()
    {
        _server.Stop();

        // The reset may come before the connection is seen as made.
        await Should.ThrowAsync<Exception>(async () =>
        {
            using TcpClient client = await ConnectAsync();
            await ReadAsync(client, 1);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _server.Dispose();
    }

    private static async Task EchoedAsync(TcpClient client)
    {
        await client.GetStream().WriteAsync(new byte[] { 5 });
        (await ReadAsync(client, 1)).ShouldBe([5]);
    }

    private static async Task<byte[]> ReadAsync(TcpClient client, int count)
    {
        byte[] bytes = new byte[count];
        await client.GetStream().ReadExactlyAsync(bytes);
        return bytes;
    }

    private async Task<TcpClient> ConnectAsync()
    {
        TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, _proxy.Port);
        return client;
    }

    private async Task EchoAsync()
    {
        while (true)
        {
            TcpClient client = await _server.AcceptTcpClientAsync();
            _ = client.GetStream().CopyToAsync(client.GetStream());
        }
    }
}
