using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Api;

namespace Factory.Cli;

/// <summary>
/// Speaks the coordinator's HTTP API. Refusals become <see cref="CliException"/>. A coordinator whose database or object store has a moment's trouble (503) is asked again, within three
/// seconds, by requests that change nothing; others are sent once.
/// </summary>
public sealed class FactoryClient : IDisposable
{
    private const int Asks = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);
    private readonly HttpClient _http;

    /// <summary>Makes a client.</summary>
    /// <param name="url">The coordinator's address.</param>
    /// <param name="key">The API key or token, whose surrounding white space is no part of it; absent: none is shown.</param>
    /// <param name="project">The project that requests are about; absent: all that the caller sees.</param>
    /// <exception cref="CliException">The text can be no key, or no project's name.</exception>
    public FactoryClient(Uri url, string? key = null, string? project = null)
    {
        string shown = (key ?? "").Trim();
        if (!shown.All(character => character is > ' ' and <= '~'))
        {
            throw new CliException("FACTORY_API_KEY is no key: it has spaces, line breaks or characters that are not ASCII within.") { Status = (int)HttpStatusCode.Unauthorized };
        }
        _http = new() { BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan };
        if (shown.Length > 0) _http.DefaultRequestHeaders.Authorization = new("Bearer", shown);
        if (project is null) return;
        if (project.Length == 0 || !project.All(character => character is > ' ' and <= '~')) throw new CliException($"--project: '{project}' is no project's name.");
        _http.DefaultRequestHeaders.Add(Routes.ProjectHeader, project);
    }

    /// <summary>Gets a JSON document.</summary>
    public async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await AskAsync(path, cancellationToken);
        return (await response.Content.ReadFromJsonAsync<T>(ContractJson.Options, cancellationToken))!;
    }

    /// <summary>Posts a JSON document and reads the answer.</summary>
    public async Task<T> PostAsync<T>(string path, object body, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(
            new(HttpMethod.Post, path) { Content = JsonContent.Create(body, body?.GetType() ?? typeof(object), options: ContractJson.Options) }, cancellationToken);
        return (await response.Content.ReadFromJsonAsync<T>(ContractJson.Options, cancellationToken))!;
    }

    /// <summary>Posts without a body, or with a JSON document, and expects no answer.</summary>
    public async Task PostAsync(string path, object? body, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path);
        if (body is not null) request.Content = JsonContent.Create(body, body.GetType(), options: ContractJson.Options);
        using HttpResponseMessage response = await SendAsync(request, cancellationToken);
    }

    /// <summary>Posts a recipe and reads the answer.</summary>
    public async Task<T> PostRecipeAsync<T>(string path, string yaml, string file, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(
            new(HttpMethod.Post, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}file={Uri.EscapeDataString(file)}") { Content = new StringContent(yaml) }, cancellationToken);
        return (await response.Content.ReadFromJsonAsync<T>(ContractJson.Options, cancellationToken))!;
    }

    /// <summary>Reads JSON lines as they come.</summary>
    public async IAsyncEnumerable<T> StreamAsync<T>(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await AskAsync(path, cancellationToken);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return JsonSerializer.Deserialize<T>(line, ContractJson.Options)!;
        }
    }

    /// <summary>Uploads a blob.</summary>
    public async Task<ObjectRef> UploadAsync(byte[] content, string mediaType, CancellationToken cancellationToken)
    {
        Sha256Digest digest = Sha256Digest.Of(content);
        ByteArrayContent body = new(content);
        body.Headers.ContentType = new(mediaType);
        using HttpResponseMessage response = await SendAsync(new(HttpMethod.Put, ObjectPath(digest)) { Content = body }, cancellationToken);
        return (await response.Content.ReadFromJsonAsync<ObjectRef>(ContractJson.Options, cancellationToken))!;
    }

    /// <summary>Reads a small blob whole and checks its digest.</summary>
    public async Task<byte[]> DownloadAsync(ObjectRef reference, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reference);
        using HttpResponseMessage response = await AskAsync(ObjectPath(reference.Digest), cancellationToken);
        byte[] content = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return Sha256Digest.Of(content) == reference.Digest
            ? content
            : throw new CliException($"blob {reference.Digest.Short} arrived damaged; try again, and check the object store if it stays so.");
    }

    /// <summary>Opens a blob for reading; the caller checks what it reads.</summary>
    public async Task<Stream> OpenAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await AskAsync(ObjectPath(digest), cancellationToken);
        return await response.Content.ReadAsStreamAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static string ObjectPath(Sha256Digest digest) => Routes.Object.Replace("{digest}", digest.Hex, StringComparison.Ordinal);

    // After a restart of the database, for one, whoever comes first to each of the coordinator's connections is told that it is broken.
    private async Task<HttpResponseMessage> AskAsync(string path, CancellationToken cancellationToken)
    {
        for (int asked = 1; ; asked++)
        {
            try
            {
                return await SendAsync(new(HttpMethod.Get, path), cancellationToken);
            }
            catch (CliException busy) when (busy.Status == (int)HttpStatusCode.ServiceUnavailable && asked < Asks)
            {
                await Task.Delay(asked * Pause, cancellationToken);
            }
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException unreachable)
        {
            throw new CliException($"the coordinator at {_http.BaseAddress} cannot be reached ({unreachable.Message}); check FACTORY_URL.");
        }
        if (response.IsSuccessStatusCode) return response;
        using (response) throw new CliException(await ExplainAsync(response, cancellationToken)) { Status = (int)response.StatusCode };
    }

    private static async Task<string> ExplainAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string body = await response.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            using JsonDocument problem = JsonDocument.Parse(body);
            if (problem.RootElement.TryGetProperty("errors", out JsonElement errors) && errors.ValueKind == JsonValueKind.Array)
            {
                return string.Join('\n', errors.EnumerateArray().Select(error => error.GetString()));
            }
            if (problem.RootElement.TryGetProperty("detail", out JsonElement detail)) return detail.GetString()!;
        }
        catch (JsonException)
        {
            // Not a ProblemDetails: the status says what there is to say.
        }
        return $"the coordinator answered {(int)response.StatusCode} {response.ReasonPhrase} to {response.RequestMessage?.Method} {response.RequestMessage?.RequestUri?.AbsolutePath}.";
    }
}
