using System.Data.Common;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Factory.Bench;

/// <summary>Collects the queries that are sent while it listens, so that the server can be asked for its plan of just those.</summary>
internal sealed class QueryPlans : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly List<(string Sql, NpgsqlParameter[] Parameters)> _queries = [];
    private readonly List<IDisposable> _subscriptions = [];

    public QueryPlans() => _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));

    /// <summary>The server's plan of each query.</summary>
    public async Task<List<string>> ExplainAsync(string connectionString)
    {
        await using NpgsqlConnection connection = new(connectionString);
        await connection.OpenAsync();
        List<string> plans = [];
        foreach ((string sql, NpgsqlParameter[] parameters) in _queries)
        {
            await using NpgsqlCommand explain = new("EXPLAIN " + sql, connection);
            explain.Parameters.AddRange(parameters);
            await using DbDataReader lines = await explain.ExecuteReaderAsync();
            List<string> plan = [];
            while (await lines.ReadAsync()) plan.Add(lines.GetString(0));
            plans.Add(string.Join('\n', plan));
        }
        return plans;
    }

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.EntityFrameworkCore") _subscriptions.Add(value.Subscribe(this!));
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is CommandEventData { Command: NpgsqlCommand command } && value.Key == RelationalEventId.CommandExecuting.Name)
        {
            _queries.Add((command.CommandText, [.. command.Parameters.Select(parameter => parameter.Clone())]));
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose() => _subscriptions.ForEach(subscription => subscription.Dispose());
}
