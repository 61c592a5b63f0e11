using System.Diagnostics;
using Factory.Contracts.Work;
using Factory.Hosting.Transport;
using MassTransit;

namespace Factory.GpuWorker.Attempts;

/// <summary>
/// The sign of life of an attempt: sends the latest progress at most once a second, and at least three times a lease, however silent the computation is. When it
/// could not for a whole lease (no bus, or a machine that slept), the attempt is no longer this worker's.
/// </summary>
internal sealed class Heartbeat : IAsyncDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private readonly Func<AttemptProgressed> _latest;
    private readonly IBus _bus;
    private readonly TimeProvider _time;
    private readonly TimeSpan _lease;
    private readonly CancellationTokenSource _over = new(), _lost = new();
    private readonly Task _loop;

    /// <summary>Begins.</summary>
    /// <param name="lease">The lease that each beat renews.</param>
    /// <param name="latest">The latest progress.</param>
    /// <param name="bus">Where it is sent.</param>
    /// <param name="time">Paces the beats.</param>
    public Heartbeat(TimeSpan lease, Func<AttemptProgressed> latest, IBus bus, TimeProvider time)
    {
        (_lease, _latest, _bus, _time) = (lease, latest, bus, time);
        _loop = BeatAsync();
    }

    /// <summary>Canceled when the lease has run out.</summary>
    public CancellationToken LeaseLost => _lost.Token;

    /// <summary>Ends; nothing is sent afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _loop;
        _over.Dispose();
    }

    private async Task BeatAsync()
    {
        // Signs of life are no part of the item's trace: there is one a second.
        Activity.Current = null;
        TimeSpan renewal = _lease / 3, pause = renewal < LongestPause ? renewal : LongestPause;
        AttemptProgressed? said = null;
        long renewed = _time.GetTimestamp();
        while (true)
        {
            await Task.Delay(pause, _time, _over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_over.IsCancellationRequested) return;
            if (_time.GetElapsedTime(renewed) >= _lease)
            {
                await _lost.CancelAsync();
                return;
            }
            AttemptProgressed latest = _latest();
            bool due = _time.GetElapsedTime(renewed) + pause > renewal;
            if ((due || latest != said) && await TrySendAsync(latest, renewal)) (said, renewed) = (latest, _time.GetTimestamp());
        }
    }

    private async Task<bool> TrySendAsync(AttemptProgressed progress, TimeSpan patience)
    {
        try
        {
            await _bus.PublishWithinAsync(progress, patience, _time, _over.Token);
            return true;
        }
        // Whatever the bus has, it shows in the lease; an exception here would end the attempt without a word.
        catch (Exception)
        {
            return false;
        }
    }
}
