using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Factory.Storage.Provenance.Postgres;

/// <summary>
/// The lead as a session's advisory lock, on a connection of its own: the server gives it up when the process dies, and when the server restarts whoever asks first
/// has it. A leader that hangs, or whose machine is cut off, is silent: the server ends its session after <see cref="SilenceAllowed"/>.
/// </summary>
internal sealed partial class AdvisoryLockLeadership(IOptions<DatabaseOptions> options, ILogger<AdvisoryLockLeadership> logger)
    : IDispatchLeadership, IAsyncDisposable
{
    private const long LeaderLock = 0x666163746f727902;
    private static readonly TimeSpan SilenceAllowed = TimeSpan.FromSeconds(90);
    private readonly SemaphoreSlim _one = new(1);
    private NpgsqlConnection? _connection;
    private bool _leads;

    /// <inheritdoc/>
    public async Task<bool> HoldsAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            NpgsqlConnection connection = _connection ??= await ConnectAsync(cancellationToken);
            // Asked of the server each time: a session that is gone takes the lead with it.
            await using NpgsqlCommand take = new(_leads ? "SELECT true" : "SELECT pg_try_advisory_lock($1)", connection);
            if (!_leads) take.Parameters.Add(new() { Value = LeaderLock });
            bool leads = (bool)(await take.ExecuteScalarAsync(cancellationToken))!;
            if (leads && !_leads) LogLeads();
            return _leads = leads;
        }
        catch (Exception gone) when (gone is NpgsqlException or OperationCanceledException)
        {
            await DropAsync();
            throw;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DropAsync();
        _one.Dispose();
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        // Not pooled: closing it must end the session. Short timeouts: a server that does not answer is as good as gone.
        NpgsqlConnectionStringBuilder own = new(options.Value.ConnectionString) { Pooling = false, Timeout = 5, CommandTimeout = 5, ApplicationName = "factory dispatcher" };
        NpgsqlConnection connection = new(own.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using NpgsqlCommand limit = new($"SET idle_session_timeout = {(int)SilenceAllowed.TotalMilliseconds}", connection);
            await limit.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async ValueTask DropAsync()
    {
        if (_leads) LogLost();
        _leads = false;
        if (_connection is { } connection) await connection.DisposeAsync();
        _connection = null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This coordinator dispatches now")]
    private partial void LogLeads();

    [LoggerMessage(Level = LogLevel.Information, Message = "This coordinator dispatches no more")]
    private partial void LogLost();
}
