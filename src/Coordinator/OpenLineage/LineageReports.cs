using System.Net;
using System.Text;
using Factory.Coordinator.Telemetry;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Factory.Coordinator.OpenLineage;

/// <summary>
/// Tells a catalog of runs that began and ended. What is due follows from the database, and is noted there once it is taken: an event is sent at least once, by the coordinator that
/// dispatches, and a catalog that is away hears of it later. Only the configured address is spoken to; redirects are not followed.
/// </summary>
internal sealed partial class LineageReports(
    IDbContextFactory<FactoryDbContext> databases, IDispatchLeadership leadership, IOptions<OpenLineageOptions> options, CoordinatorMeter meter, TimeProvider time, ILogger<LineageReports> logger)
    : BackgroundService
{
    private const string Path = "/api/v1/lineage";
    private const int Batch = 50;
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5), Patience = TimeSpan.FromSeconds(10);
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Patience };
    private bool _silent;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await leadership.HoldsAsync(stoppingToken)) await RoundAsync(stoppingToken);
            }
            // The loop is a host's edge: whatever the database or the catalog has, runs go on.
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                Say(fault.Message);
            }
            await Task.Delay(Pace, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Sends what is due, as far as it is taken.</summary>
    internal async Task RoundAsync(CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        List<Run> due = await database.Runs.AsNoTracking().Include(run => run.Steps).Include(run => run.CollectionVersion.Collection)
            .Where(run => run.LineageTold == null || (run.LineageTold == RunEvents.Start && run.FinishedAt != null))
            .OrderBy(run => run.Id).Take(Batch).ToListAsync(cancellationToken);
        foreach (Run run in due)
        {
            while (RunEvents.Due(run) is { } type)
            {
                if (!await SendAsync(run, type, cancellationToken)) return;
                string? before = run.LineageTold;
                // A run that was revived meanwhile begins anew.
                await database.Runs.Where(row => row.Id == run.Id && row.LineageTold == before).ExecuteUpdateAsync(set => set.SetProperty(row => row.LineageTold, type), cancellationToken);
                run.LineageTold = type;
            }
        }
        _silent = false;
    }

    /// <summary>Sends one event.</summary>
    /// <returns>Whether it is settled: taken, or refused for what it is, which another try would not change.</returns>
    private async Task<bool> SendAsync(Run run, string type, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, options.Value.Endpoint!.TrimEnd('/') + Path);
        request.Content = new StringContent(RunEvents.Of(run, type, options.Value.Namespace).ToJsonString(), Encoding.UTF8, "application/json");
        if (options.Value.ApiKey is { Length: > 0 } key) request.Headers.Authorization = new("Bearer", key);
        try
        {
            // What the answer says beyond its status is nobody's concern, however long it is.
            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            bool refused = response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity;
            meter.Told(response.IsSuccessStatusCode);
            if (refused) LogRefused(run.Id, type, (int)response.StatusCode);
            else if (!response.IsSuccessStatusCode) Say($"it answers {(int)response.StatusCode}");
            return refused || response.IsSuccessStatusCode;
        }
        catch (Exception away) when (away is HttpRequestException || (away is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            meter.Told(false);
            Say(away.Message);
            return false;
        }
    }

    // Once until it is well again.
    private void Say(string reason)
    {
        if (!_silent) LogAway(reason);
        _silent = true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lineage catalog does not take events; runs go on, and it is told later: {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {RunId}: the lineage catalog refuses {Type} with {Status}; it is not told again")]
    private partial void LogRefused(int runId, string type, int status);
}
