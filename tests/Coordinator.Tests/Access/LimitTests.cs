using System.Net;
using System.Net.Sockets;
using Factory.Contracts.Api;
using Factory.Coordinator.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Tests.Access;

public sealed class LimitTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AddressThatShowsFalseKeys_IsNotHeard_AndOthersAre()
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(_folder, ("Api:FailuresPerMinute", "3"));
        using HttpClient guesser = Client(host, "127.0.0.2", "false"), neighbor = Client(host, "127.0.0.2", TestAccess.ConfiguredKey), other = Client(host, "127.0.0.3", TestAccess.ConfiguredKey);

        for (int guess = 0; guess < 3; guess++) await (await guesser.GetAsync(Routes.Runs)).ShouldRefuseAsync(401);
        using HttpResponseMessage unheard = await guesser.GetAsync(Routes.Runs);

        (await unheard.ShouldRefuseAsync(429)).ShouldBe("too many false or outdated credentials came from this address; try again later.");
        unheard.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        await (await neighbor.GetAsync(Routes.Runs)).ShouldRefuseAsync(429);
        (await other.GetAsync(Routes.Runs)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await guesser.GetAsync(Routes.Health)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await host.ReadAsync(database => database.AuditRows.SingleAsync(row => row.Action == "authenticate"))).Count.ShouldBe(3);
    }

    [Fact]
    public async Task CallerWithTooManyRequests_Waits_AndOthersDoNot()
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(_folder, ("Api:RequestsPerMinute", "5"));
        ApiKeyCreated key = await host.MakeKeyAsync(ApiRole.Viewer, name: "ci");
        using HttpClient busy = host.Client(key.Key), other = host.Client(TestAccess.ConfiguredKey);

        for (int request = 0; request < 5; request++) (await busy.GetAsync(Routes.Runs)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using HttpResponseMessage tooMany = await busy.GetAsync(Routes.Runs);

        (await tooMany.ShouldRefuseAsync(429)).ShouldBe($"ci ({key.Detail.Id}) may make 5 requests a minute; try again later.");
        tooMany.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        (await other.GetAsync(Routes.Runs)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    // All of 127.0.0.0/8 is this machine.
    private static HttpClient Client(CoordinatorHost host, string from, string key)
    {
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (connection, cancellationToken) =>
            {
                Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
                await socket.ConnectAsync(connection.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        HttpClient client = new(handler) { BaseAddress = host.Url };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return client;
    }
}
