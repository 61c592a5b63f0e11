using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Factory.Tests.Servers;

/// <summary>RabbitMQ's management API, as far as tests need it.</summary>
internal sealed class RabbitMqManagement
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly Uri _url;
    private readonly string _user;
    private readonly AuthenticationHeaderValue _authorization;

    public RabbitMqManagement(Uri url, string user, string password)
    {
        _url = url;
        _user = user;
        _authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
    }

    /// <summary>Makes a virtual host with a new name, all of it allowed to the user.</summary>
    public async Task<string> CreateVirtualHostAsync()
    {
        string name = $"test-{Guid.NewGuid():N}";
        await SendAsync(HttpMethod.Put, $"/api/vhosts/{name}", "{}", default);
        await SendAsync(HttpMethod.Put, $"/api/permissions/{name}/{Uri.EscapeDataString(_user)}", """{"configure":".*","write":".*","read":".*"}""", default);
        return name;
    }

    /// <summary>Makes a user that may do everything in a virtual host.</summary>
    public async Task CreateUserAsync(RabbitMqAccess access)
    {
        await SendAsync(HttpMethod.Put, $"/api/users/{Uri.EscapeDataString(access.User)}", $$"""{"password":"{{access.Password}}","tags":""}""", default);
        await SendAsync(HttpMethod.Put, $"/api/permissions/{Uri.EscapeDataString(access.VirtualHost)}/{Uri.EscapeDataString(access.User)}", """{"configure":".*","write":".*","read":".*"}""", default);
    }

    /// <summary>Throws unless the node is running and accepts AMQP connections.</summary>
    public async Task CheckAsync(int amqpPort, CancellationToken stop)
    {
        await SendAsync(HttpMethod.Get, "/api/overview", null, stop);
        // Docker's port forwarding accepts for a node that does not listen yet: only the node's own greeting counts.
        using TcpClient client = new();
        await client.ConnectAsync("127.0.0.1", amqpPort, stop);
        await client.GetStream().WriteAsync("AMQP\0\0\x9\x1"u8.ToArray(), stop);
        byte[] greeting = new byte[1];
        await client.GetStream().ReadExactlyAsync(greeting, stop);
    }

    private async Task SendAsync(HttpMethod method, string path, string? body, CancellationToken stop)
    {
        using HttpRequestMessage request = new(method, new Uri(_url, path));
        request.Headers.Authorization = _authorization;
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Http.SendAsync(request, stop);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"{method} {new Uri(_url, path)}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(stop)}", null, response.StatusCode);
        }
    }
}
