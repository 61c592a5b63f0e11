using System.Net;
using System.Text;

namespace Factory.Storage.Tests.Objects;

/// <summary>A server that answers as a test says: for faults that a whole S3 server does not show.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly HttpListener _listener;
    private readonly Func<HttpListenerRequest, int, HttpListenerResponse, Task> _answer;
    private int _requests;

    public ScriptedServer(Func<HttpListenerRequest, int, HttpListenerResponse, Task> answer)
    {
        _answer = answer;
        _listener = Listen();
        _ = ServeAsync();
    }

    public string Address => _listener.Prefixes.Single();

    public int Requests => Volatile.Read(ref _requests);

    public static async Task SayAsync(HttpListenerResponse response, int status, string body)
    {
        response.StatusCode = status;
        response.ContentLength64 = Encoding.UTF8.GetByteCount(body);
        await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
    }

    public static Task FailAsync(HttpListenerResponse response, int status, string code) =>
        SayAsync(response, status, $"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>So it is.</Message></Error>");

    public void Dispose() => _listener.Close();

    private static HttpListener Listen()
    {
        for (int port = 42100; ; port++)
        {
            // One that could not start cannot be started again.
            HttpListener listener = new() { Prefixes = { $"http://127.0.0.1:{port}/" } };
            try
            {
                listener.Start();
                return listener;
            }
            catch (HttpListenerException) when (port < 42200)
            {
            }
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true) _ = AnswerAsync(await _listener.GetContextAsync());
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            await context.Request.InputStream.CopyToAsync(Stream.Null);
            await _answer(context.Request, Interlocked.Increment(ref _requests), context.Response);
            context.Response.Close();
        }
        catch (Exception gone) when (gone is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            context.Response.Abort();
        }
    }
}
