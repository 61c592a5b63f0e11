using System.Net.Sockets;

namespace Factory.Tests.Servers.Containers;

/// <summary>The Docker engine of this machine.</summary>
internal static class ContainerEngine
{
    private const string Socket = "unix:///var/run/docker.sock";
    private static readonly Lazy<Task<string?>> Missing = new(AskAsync);

    /// <summary>Returns where an engine answers.</summary>
    /// <exception cref="ServerUnavailableException">None does.</exception>
    public static async Task RequireAsync()
    {
        if (await Missing.Value is { } reason) throw new ServerUnavailableException(reason);
    }

    private static async Task<string?> AskAsync()
    {
        string host = Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } named ? named : Socket;
        if (!host.StartsWith("unix://", StringComparison.Ordinal)) return null;
        using SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, stop) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(host["unix://".Length..]), stop);
                return new NetworkStream(socket, true);
            },
        };
        using HttpClient client = new(handler) { Timeout = TimeSpan.FromSeconds(10) };
        try
        {
            using HttpResponseMessage ping = await client.GetAsync(new Uri("http://docker/_ping"));
            ping.EnsureSuccessStatusCode();
            SpeakAs(ping);
            return null;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return $"no Docker engine answers at {host}";
        }
    }

    /// <summary>The client's own version of the API may be too new for the engine, and it doesn't ask.</summary>
    private static void SpeakAs(HttpResponseMessage ping)
    {
        if (Environment.GetEnvironmentVariable("DOCKER_API_VERSION") is { Length: > 0 }) return;
        if (ping.Headers.TryGetValues("Api-Version", out IEnumerable<string>? versions)) Environment.SetEnvironmentVariable("DOCKER_API_VERSION", versions.First());
    }
}
