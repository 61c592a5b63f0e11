using System.Net;
using Factory.Contracts.Api;
using Factory.Coordinator.Access;

namespace Factory.Coordinator.Health;

/// <summary>Asks the coordinator of the same machine and settings whether it is ready: the health check of a container that has no other program to ask with.</summary>
public static class OwnHealth
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>Asks <see cref="Routes.Ready"/> at the first address of <see cref="ApiOptions.Listen"/>.</summary>
    /// <param name="configuration">The coordinator's settings.</param>
    /// <param name="errors">Told in a line why it is not ready.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Exit code: 0 when ready, else 1.</returns>
    public static async Task<int> AskAsync(IConfiguration configuration, TextWriter errors, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(errors);
        Uri ready = AddressOf(configuration.GetSection(ApiOptions.Section).Get<ApiOptions>() ?? new());
        using HttpClient client = new() { Timeout = Patience };
        try
        {
            using HttpResponseMessage answer = await client.GetAsync(ready, cancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK) return 0;
            await errors.WriteLineAsync($"factory-coordinator: {ready} answers {(int)answer.StatusCode}; its log says why");
        }
        catch (Exception silent) when (silent is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            await errors.WriteLineAsync($"factory-coordinator: {ready} does not answer: {silent.Message}");
        }
        return 1;
    }

    // Where it listens on every address, it is reached by loopback.
    private static Uri AddressOf(ApiOptions options)
    {
        string first = options.Listen.Split(';')[0].Trim().Replace("*", IPAddress.Any.ToString(), StringComparison.Ordinal).Replace("+", IPAddress.Any.ToString(), StringComparison.Ordinal);
        UriBuilder address = new(first) { Path = Routes.Ready };
        if (IPAddress.TryParse(address.Host.Trim('[', ']'), out IPAddress? any) && (any.Equals(IPAddress.Any) || any.Equals(IPAddress.IPv6Any))) address.Host = "127.0.0.1";
        return address.Uri;
    }
}
