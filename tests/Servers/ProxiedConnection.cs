using System.Net.Sockets;

namespace Factory.Tests.Servers;

/// <summary>A connection of a client through a <see cref="FaultProxy"/>.</summary>
internal sealed class ProxiedConnection(Socket client, Func<FaultPhase> phase, Action<int> sent, CancellationToken stop) : IDisposable
{
    private const int PieceBytes = 16 * 1024;
    private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly Lock _count = new();
    private FaultPhase? _counted;
    private long _passed;

    /// <summary>Carries bytes both ways until both sides have ended or the connection is cut.</summary>
    public async Task RunAsync(string host, int port)
    {
        try
        {
            await WhileHeldAsync();
            client.NoDelay = _server.NoDelay = true;
            await _server.ConnectAsync(host, port, stop);
            await Task.WhenAll(PumpOrCutAsync(client, _server), PumpOrCutAsync(_server, client));
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Either side is gone, or was cut; the other must see it.
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Resets both sides.</summary>
    public void Cut()
    {
        Reset(client);
        Reset(_server);
    }

    /// <summary>The same as <see cref="Cut"/>.</summary>
    public void Dispose() => Cut();

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It has no connection that could linger.
        }

        socket.Dispose();
    }

    /// <summary>What breaks one direction breaks the other.</summary>
    private async Task PumpOrCutAsync(Socket from, Socket to)
    {
        try
        {
            await PumpAsync(from, to);
        }
        catch
        {
            Cut();
            throw;
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        byte[] piece = new byte[PieceBytes];
        while (true)
        {
            int most = phase().Fault.BytesPerSecond is { } rate ? (int)Math.Clamp(rate / 10, 1, PieceBytes) : PieceBytes;
            int count = await from.ReceiveAsync(piece.AsMemory(0, most), stop);
            await WhileHeldAsync();
            if (count == 0) break;
            await DelayAsync(phase().Fault, count);
            int allowed = Allow(count);
            for (int at = 0; at < allowed;) at += await to.SendAsync(piece.AsMemory(at, allowed - at), stop);
            if (from == client) sent(allowed);
            if (allowed < count || IsUsedUp())
            {
                Cut();
                return;
            }
        }

        to.Shutdown(SocketShutdown.Send);
    }

    private async Task WhileHeldAsync()
    {
        while (phase() is { Fault.Holds: true } held) await held.Ended.WaitAsync(stop);
    }

    private async Task DelayAsync(Fault fault, int count)
    {
        TimeSpan delay = fault.Delay + (fault.BytesPerSecond is { } rate ? TimeSpan.FromSeconds(count / (double)rate) : TimeSpan.Zero);
        if (delay > TimeSpan.Zero) await Task.WhenAny(Task.Delay(delay, stop), phase().Ended);
    }

    /// <summary>How many of these bytes may still pass.</summary>
    private int Allow(int count)
    {
        lock (_count)
        {
            FaultPhase now = phase();
            if (_counted != now) (_counted, _passed) = (now, 0);
            int allowed = (int)Math.Min(count, Math.Max(0, (now.Fault.CutAfterBytes ?? long.MaxValue) - _passed));
            _passed += allowed;
            return allowed;
        }
    }

    private bool IsUsedUp()
    {
        lock (_count) return _counted?.Fault.CutAfterBytes is { } most && _passed >= most && _counted == phase();
    }
}
