using System.Security.Cryptography;

namespace Factory.Storage.Objects.S3;

/// <summary>
/// The way of every request to the server. Here alone its answers are judged and repeated: single requests are repeated, not whole uploads, and a fault is a
/// <see cref="S3Fault"/> whatever the client above makes of it.
/// </summary>
internal sealed class S3Transport : DelegatingHandler
{
    /// <summary>Marks requests whose answers are read as a stream; others are taken whole, so that a cut in them is repeated too.</summary>
    public static readonly HttpRequestOptionsKey<bool> Streamed = new("factory.streamed");

    // Lists of 1000 keys, and errors.
    private const int AnswerBytesLimit = 16 << 20;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);
    private readonly S3Options _options;
    private readonly TimeProvider _time;

    public S3Transport(S3Options options, TimeProvider time)
        : base(new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            AllowAutoRedirect = false,
            UseCookies = false,
        }) => (_options, _time) = (options, time);

    /// <summary>Waits before something is tried again.</summary>
    /// <param name="failures">How often it failed, from 1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task BackOffAsync(int failures, CancellationToken cancellationToken)
    {
        double longest = Math.Min(_options.RetryDelay.TotalMilliseconds * Math.Pow(2, failures - 1), LongestDelay.TotalMilliseconds);
        // Many workers meet a busy server at the same moment: they must not come back at the same moment.
        double delay = (longest / 2) + (longest / 2 * RandomNumberGenerator.GetInt32(1000) / 1000);
        return Task.Delay(TimeSpan.FromMilliseconds(delay), _time, cancellationToken);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (int failures = 1; ; failures++)
        {
            try
            {
                return await SendOnceAsync(request, cancellationToken);
            }
            catch (S3Fault fault) when (fault.IsPassing && failures <= _options.Retries)
            {
                await BackOffAsync(failures, cancellationToken);
            }
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(_options.RequestTimeout, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        HttpResponseMessage? response = null;
        try
        {
            response = await base.SendAsync(request, either.Token);
            bool streamed = response.IsSuccessStatusCode && request.Options.TryGetValue(Streamed, out bool wanted) && wanted;
            if (!streamed) await response.Content.LoadIntoBufferAsync(AnswerBytesLimit, either.Token);
            return await S3Fault.InAsync(response, _time, either.Token) is { } fault ? throw fault : response;
        }
        catch (Exception failure)
        {
            response?.Dispose();
            if (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested) throw new S3Fault(null, S3Fault.Timeout, $"no answer within {_options.RequestTimeout.TotalSeconds:0.###} seconds.", cause: failure);
            if (failure is HttpRequestException or IOException) throw new S3Fault(null, S3Fault.Connection, Sentence(failure), cause: failure);
            throw;
        }
    }

    /// <summary>The innermost reason of a failed connection, as a sentence.</summary>
    public static string Sentence(Exception failure)
    {
        while (failure.InnerException is { } inner) failure = inner;
        return failure.Message.TrimEnd('.') + ".";
    }
}
