using System.Diagnostics;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Coordinator.Telemetry;
using Factory.Hosting.Telemetry;
using MassTransit;

namespace Factory.Coordinator.Runs.Attempts;

/// <summary>Answers claims.</summary>
internal sealed class ClaimAttemptConsumer(AttemptClaims claims, CoordinatorMeter meter, Microsoft.Extensions.Options.IOptions<RunOptions> options) : IConsumer<ClaimAttempt>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ClaimAttempt> context)
    {
        if (context.Message.Build is { } build && build != FactoryBuild.Current)
        {
            await context.RespondAsync(new AttemptRefused { Reason = $"this worker is build {build}, the coordinator build {FactoryBuild.Current}; update the older one", WrongWorker = true });
            return;
        }
        ClaimAnswer answer = await ClaimAsync(context.Message);
        if (answer.Attempt is null) await context.RespondAsync(new AttemptRefused { Reason = answer.Refusal! });
        else await context.RespondAsync(new AttemptGranted { Attempt = answer.Attempt, Lease = options.Value.Lease, Further = answer.Further });
    }

    private async Task<ClaimAnswer> ClaimAsync(ClaimAttempt claim)
    {
        long began = Stopwatch.GetTimestamp();
        using Activity? span = FactoryTrace.Begin("claim", new KeyValuePair<string, object?>(FactoryTrace.Item, claim.ItemId));
        ClaimAnswer answer = await claims.ClaimAsync(claim);
        span?.SetTag(FactoryTrace.Attempt, answer.Attempt?.Number).SetTag(FactoryTrace.Outcome, answer.Attempt is null ? "refused" : "granted");
        meter.Answered(answer.Attempt is not null, Stopwatch.GetElapsedTime(began));
        return answer;
    }
}

/// <summary>Takes signs of life, and renews leases.</summary>
internal sealed class AttemptProgressedConsumer(AttemptLedger ledger) : IConsumer<AttemptProgressed>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<AttemptProgressed> context) => ledger.RenewAsync(context.Message.Attempt, context.CancellationToken);
}

/// <summary>Keeps the board that watchers of this coordinator read; every coordinator hears every sign of life.</summary>
internal sealed class ProgressBoardConsumer(ProgressBoard board) : IConsumer<AttemptProgressed>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<AttemptProgressed> context)
    {
        board.Post(context.Message);
        return Task.CompletedTask;
    }
}

/// <summary>Wakes this coordinator when another one changed a run.</summary>
internal sealed class RunMovedConsumer(RunSignal signal) : IConsumer<RunMoved>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<RunMoved> context)
    {
        if (context.Message.Coordinator != RunMovedRelay.Self) signal.RaiseHeard();
        return Task.CompletedTask;
    }
}

/// <summary>Takes invitations back from workers that cannot take them up.</summary>
internal sealed class InvitationReturnedConsumer(AttemptLedger ledger) : IConsumer<InvitationReturned>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<InvitationReturned> context) => ledger.PutBackAsync(context.Message, context.CancellationToken);
}

/// <summary>Takes failures.</summary>
internal sealed class AttemptFailedConsumer(AttemptLedger ledger) : IConsumer<AttemptFailed>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<AttemptFailed> context) => ledger.FailAsync(context.Message, context.CancellationToken);
}

/// <summary>Takes attempts back from workers that stop, and tells them when it is done.</summary>
internal sealed class ReturnAttemptConsumer(AttemptLedger ledger) : IConsumer<ReturnAttempt>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ReturnAttempt> context)
    {
        await ledger.ReturnAsync(context.Message.Attempt, context.CancellationToken);
        await context.RespondAsync(new AttemptTakenBack { Attempt = context.Message.Attempt });
    }
}
