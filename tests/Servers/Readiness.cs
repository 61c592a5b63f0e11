using System.Diagnostics;

namespace Factory.Tests.Servers;

/// <summary>Waiting until a server answers.</summary>
internal static class Readiness
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks until the server answers.</summary>
    /// <exception cref="TimeoutException">It did not answer in two minutes; the inner exception is its last answer.</exception>
    public static async Task WaitAsync(IServerHost host, Func<CancellationToken, Task> ask)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (true)
        {
            await host.ThrowIfEndedAsync();
            try
            {
                using CancellationTokenSource limit = new(TimeSpan.FromSeconds(10));
                await ask(limit.Token);
                return;
            }
            catch (Exception error) when (watch.Elapsed < Limit)
            {
                Debug.WriteLine(error.Message);
            }
            catch (Exception error)
            {
                throw new TimeoutException($"{host.Description} did not answer in {Limit.TotalSeconds} s: {error.Message}", error);
            }

            await Task.Delay(Pause);
        }
    }
}
