using Factory.Storage.Provenance;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Health;

/// <summary>
/// Whether this coordinator can do its work now: its database answers at the schema of this build, and its bus is connected. Whoever asks, they are tried once in
/// <see cref="Freshness"/> at most. What is wrong is said in the log, once a change, and nowhere else.
/// </summary>
internal sealed partial class Readiness(IDbContextFactory<FactoryDbContext> databases, IBusControl bus, TimeProvider time, ILogger<Readiness> logger) : IDisposable
{
    /// <summary>How long an answer stands.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _one = new(1, 1);
    private (long At, string? Fault)? _last;

    /// <summary>Whether it can.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<bool> AskAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_last is { } last && time.GetElapsedTime(last.At) < Freshness) return last.Fault is null;
            string? fault = BusFault() ?? await DatabaseFaultAsync(cancellationToken);
            Say(_last?.Fault, fault);
            _last = (time.GetTimestamp(), fault);
            return fault is null;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private string? BusFault() => bus.CheckHealth() is { Status: not BusHealthStatus.Healthy } health ? $"broker: {health.Description}" : null;

    private async Task<string?> DatabaseFaultAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = new(Patience);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await using FactoryDbContext database = await databases.CreateDbContextAsync(end.Token);
            await database.RequireCurrentAsync(end.Token);
            return null;
        }
        // Whatever it is, the database is of no use now; who asks is told no more than that.
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            return $"database: {(late.IsCancellationRequested ? $"no answer within {Patience.TotalSeconds:F0} s" : fault.Message.ReplaceLineEndings(" "))}";
        }
    }

    private void Say(string? before, string? fault)
    {
        if (fault == before) return;
        if (fault is null) LogReady();
        else LogNotReady(fault);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Ready again")]
    private partial void LogReady();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not ready: {Fault}")]
    private partial void LogNotReady(string fault);
}
