using System.Collections.Concurrent;
using System.Net;
using Factory.Tests.Servers;

namespace Factory.Faults.Telemetry;

/// <summary>A collector: takes OTLP over HTTP, keeps the spans and drops the rest.</summary>
internal sealed class SpanCollector : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentDictionary<string, int> _requests = new();
    private readonly Task _serving;

    public SpanCollector()
    {
        Endpoint = $"http://127.0.0.1:{LoopbackPort.Take(1)[0]}/";
        _listener.Prefixes.Add(Endpoint);
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Endpoint { get; }

    public IReadOnlyList<ReceivedSpan> Spans => [.. _spans];

    /// <summary>Requests by path.</summary>
    public IReadOnlyDictionary<string, int> Requests => _requests;

    /// <summary>What makes a service send here.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", Endpoint), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_BSP_SCHEDULE_DELAY", "200"), ("OTEL_METRIC_EXPORT_INTERVAL", "1000"),
    ];

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                using MemoryStream body = new();
                await context.Request.InputStream.CopyToAsync(body);
                string path = context.Request.Url!.AbsolutePath;
                _requests.AddOrUpdate(path, 1, (_, before) => before + 1);
                if (path == "/v1/traces") foreach (ReceivedSpan span in ReceivedSpan.Of(body.ToArray())) _spans.Enqueue(span);
                context.Response.Close();
            }
            catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
