using System.Text.RegularExpressions;

namespace Factory.EndToEnd;

/// <summary>A factory that <c>factory serve</c> keeps at work on a data folder, and commands that are sent to it: a test of many does not start a factory for each.</summary>
internal sealed partial class ServedFactory : IAsyncDisposable
{
    private readonly FactoryProcess _serving;
    private readonly Uri _url;

    private ServedFactory(FactoryProcess serving, Uri url) => (_serving, _url) = (serving, url);

    /// <summary>Serves a data folder at a port of its own.</summary>
    public static async Task<ServedFactory> StartAsync(string data)
    {
        FactoryProcess serving = FactoryProcess.Start(data, "serve", "--port", "0");
        string said = await serving.SeeAsync("listening");
        return new(serving, new(Url().Match(said).Value));
    }

    /// <summary>Sends a command, whatever its end.</summary>
    public async Task<Outcome> RunAsync(params string[] arguments)
    {
        using FactoryProcess command = FactoryProcess.StartAt(_url, arguments);
        return await command.EndAsync();
    }

    /// <summary>Sends a command that must succeed.</summary>
    public async Task<Outcome> SucceedAsync(params string[] arguments)
    {
        Outcome outcome = await RunAsync(arguments);
        return outcome.ShouldBeSuccessOf(arguments);
    }

    /// <summary>Asks it to stop, and waits until it has.</summary>
    public async ValueTask DisposeAsync()
    {
        using (_serving)
        {
            _serving.InterruptOnce();
            await _serving.EndAsync();
        }
    }

    [GeneratedRegex("http://[^ ]*[0-9]")]
    private static partial Regex Url();
}
