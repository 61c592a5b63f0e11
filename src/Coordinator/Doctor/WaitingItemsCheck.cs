using System.Globalization;
using Factory.Contracts;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Doctor;

/// <summary>How long the oldest item of a running run waits. That it waits long is no fault while others are worked on.</summary>
internal sealed class WaitingItemsCheck(IDbContextFactory<FactoryDbContext> databases, IDatabaseClock clock) : IDoctorCheck
{
    /// <summary>So long nothing may be in work while an item waits.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public string Name => "waiting items";

    /// <inheritdoc/>
    public async Task<CheckResult> RunAsync(CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        DateTime now = await clock.NowAsync(database, cancellationToken);
        var oldest = await database.WorkItems
            .Where(item => (item.State == ItemState.Pending || item.State == ItemState.Invited) && item.NotBefore <= now)
            .Join(database.Runs.Where(run => run.State == RunState.Running), item => item.RunId, run => run.Id, (item, run) => new { item.Id, item.Kind, item.RunId, item.NotBefore, run.Numerics })
            .OrderBy(item => item.NotBefore).ThenBy(item => item.Id).FirstOrDefaultAsync(cancellationToken);
        if (oldest is null) return CheckResult.Ok("none");
        int working = await database.WorkItems.CountAsync(item => item.State == ItemState.Running, cancellationToken);
        TimeSpan waits = now - oldest.NotBefore;
        string finding = string.Create(CultureInfo.InvariantCulture, $"the oldest, item {oldest.Id} of run {oldest.RunId} ({oldest.Kind}), has waited {waits.TotalMinutes:0.0} min; {working} are in work");
        return working > 0 || waits < Patience
            ? CheckResult.Ok(finding)
            : CheckResult.Fault(finding, $"see that workers of device {oldest.Numerics.Device} run and take from the queues (factory workers), and the coordinators' logs");
    }
}
