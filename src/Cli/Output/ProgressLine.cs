using System.Globalization;

namespace Factory.Cli.Output;

/// <summary>One line of progress with rate and time left, on standard error; rewritten on a terminal, repeated every few seconds elsewhere.</summary>
internal sealed class ProgressLine(string what, string unit, double total) : IDisposable
{
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(200), LogInterval = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private long _written = TimeProvider.System.GetTimestamp();
    private bool _dirty;

    /// <summary>Says how much is done.</summary>
    public void Report(double done)
    {
        lock (_lock)
        {
            if (TimeProvider.System.GetElapsedTime(_written) < (Console.IsErrorRedirected ? LogInterval : TerminalInterval)) return;
            _written = TimeProvider.System.GetTimestamp();
            double seconds = TimeProvider.System.GetElapsedTime(_started).TotalSeconds, rate = done / seconds;
            string of = total > 0 ? string.Create(CultureInfo.InvariantCulture, $"/{total:0}") : "";
            string left = total > 0 && rate > 0 ? $", {RunView.Duration((total - done) / rate)} left" : "";
            string line = string.Create(CultureInfo.InvariantCulture, $"{what} {done:0}{of} {unit}, {rate:0.0} {unit}/s{left}");
            if (Console.IsErrorRedirected)
            {
                Console.Error.WriteLine(line);
                return;
            }
            _dirty = true;
            Console.Error.Write("\r\u001b[K" + line);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_dirty) Console.Error.Write("\r\u001b[K");
            _dirty = false;
        }
    }
}
