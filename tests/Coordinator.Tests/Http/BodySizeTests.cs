using System.Net.Sockets;
using System.Text;
using Factory.Coordinator.Tests.Support;

namespace Factory.Coordinator.Tests.Http;

/// <summary>How large a body may be: announced at and beyond the limit, so that nothing of that size need be sent.</summary>
public sealed class BodySizeTests : IDisposable
{
    private const long Mebibyte = 1 << 20;
    private readonly TestFolder _folder = new();

    public static TheoryData<string, long> Limits => new()
    {
        { "PUT /api/objects/0000000000000000000000000000000000000000000000000000000000000000", 8192 * Mebibyte },
        { "POST /api/collections/eyes/versions", 512 * Mebibyte },
        { "POST /api/checkpoints", 16 * Mebibyte },
        { "POST /api/keys", 16 * Mebibyte },
        { "POST /api/prepared-images", 16 * Mebibyte },
        { "POST /api/prepared-images/lookup", 16 * Mebibyte },
        { "POST /api/lineage/subject", 16 * Mebibyte },
        { "POST /api/runs", 16 * Mebibyte },
        { "POST /api/recipes/plan", 16 * Mebibyte },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task AnnouncedBody_IsAskedForUpToTheLimit(string endpoint, long limit)
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);

        (await FirstLineAsync(host, endpoint, $"Content-Length: {limit}\r\nExpect: 100-continue\r\n\r\n")).ShouldBe("HTTP/1.1 100 Continue");
        (await FirstLineAsync(host, endpoint, $"Content-Length: {limit + 1}\r\nExpect: 100-continue\r\n\r\n")).ShouldStartWith("HTTP/1.1 413 ");
    }

    // Beside its bytes, what frames the pieces counts.
    [Theory]
    [InlineData(15, "HTTP/1.1 400 ")]
    [InlineData(17, "HTTP/1.1 413 ")]
    public async Task BodyOfUnknownLength_IsReadUpToTheLimit(int mebibytes, string answer)
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        StringBuilder body = new("Transfer-Encoding: chunked\r\n\r\n");
        string piece = new(' ', (int)Mebibyte);
        for (int count = 0; count < mebibytes; count++) body.Append($"{Mebibyte:x}\r\n").Append(piece).Append("\r\n");
        body.Append("0\r\n\r\n");

        (await FirstLineAsync(host, "POST /api/prepared-images/lookup", body.ToString())).ShouldStartWith(answer);
    }

    [Theory]
    [InlineData(0, 400)]
    [InlineData(1, 413)]
    public async Task Recipe_MayHaveAMebibyte(int beyond, int status)
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        using HttpClient client = new() { BaseAddress = host.Url };

        await (await client.PostAsync("/api/runs", new StringContent(new string('#', (int)Mebibyte + beyond)))).ShouldRefuseAsync(status);
    }

    [Theory]
    [InlineData("/api/checkpoints")]
    [InlineData("/api/keys")]
    [InlineData("/api/collections/eyes/versions")]
    public async Task DeeplyNestedBody_IsRefused(string path)
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        using HttpClient client = new() { BaseAddress = host.Url };
        string nested = string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_000);

        await (await client.PostAsync(path, new StringContent(nested, Encoding.UTF8, "application/json"))).ShouldRefuseAsync(400);
    }

    private static async Task<string?> FirstLineAsync(CoordinatorHost host, string endpoint, string rest)
    {
        using TcpClient client = new();
        await client.ConnectAsync(host.Url.Host, host.Url.Port);
        await using NetworkStream stream = client.GetStream();
        using StreamReader answer = new(stream);
        byte[] request = Encoding.ASCII.GetBytes($"{endpoint} HTTP/1.1\r\nHost: {host.Url.Authority}\r\nContent-Type: application/json\r\n{rest}");
        // The server may hang up on who goes on sending; what it said before that counts.
        Task sending = stream.WriteAsync(request).AsTask();
        string? line = await answer.ReadLineAsync();
        await sending.ContinueWith(_ => { }, TaskScheduler.Default);
        return line;
    }
}
