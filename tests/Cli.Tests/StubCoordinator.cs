using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Factory.Cli.Tests;

/// <summary>A coordinator that only answers what a test has it answer.</summary>
internal sealed class StubCoordinator : IAsyncDisposable
{
    private readonly WebApplication _host;

    private StubCoordinator(WebApplication host) => _host = host;

    /// <summary>What the latest request showed to be let in.</summary>
    public string? Authorization { get; private set; }

    public Uri Url => new(_host.Urls.First());

    public static async Task<StubCoordinator> StartAsync(params (string Path, Func<IResult> Answer)[] routes)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication host = builder.Build();
        StubCoordinator coordinator = new(host);
        foreach ((string path, Func<IResult> answer) in routes)
        {
            host.Map(path, (HttpContext context) =>
            {
                coordinator.Authorization = context.Request.Headers.Authorization;
                return answer();
            });
        }
        await host.StartAsync();
        return coordinator;
    }

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();
}
