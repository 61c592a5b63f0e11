using System.Collections.Concurrent;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using MassTransit;

namespace Factory.GpuWorker.Tests;

/// <summary>What the stand-in for a coordinator knows and heard.</summary>
public sealed class Ledger
{
    private readonly ConcurrentDictionary<long, TaskCompletionSource<object>> _outcomes = new();
    private readonly ConcurrentDictionary<long, int> _attempts = new();

    /// <summary>Items that are refused.</summary>
    public HashSet<long> Refused { get; } = [];

    /// <summary>Whether claims are refused to this worker alone.</summary>
    public bool WrongWorker { get; set; }

    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many attempts each claim asked for, in order.</summary>
    public ConcurrentQueue<int> Asked { get; } = new();

    /// <summary>Items that are granted beside the next claim that asks for more than one.</summary>
    public Queue<IWorkCommand> Beside { get; } = new();

    /// <summary>Everything heard, in order.</summary>
    public ConcurrentQueue<string> Events { get; } = new();

    public AttemptGranted? Claim(ClaimAttempt claim)
    {
        Events.Enqueue($"claim {claim.ItemId}");
        Asked.Enqueue(claim.Most);
        if (WrongWorker || Refused.Contains(claim.ItemId) || OutcomeOf(claim.ItemId).IsCompleted) return null;
        List<FurtherAttempt> further = [];
        while (further.Count < claim.Most - 1 && Beside.TryDequeue(out IWorkCommand? command))
        {
            further.Add(new() { Attempt = Next(command.Order.ItemId), Command = JsonSerializer.Serialize(command, command.GetType(), ContractJson.Options) });
        }
        return new() { Attempt = Next(claim.ItemId), Lease = Lease, Further = further };
    }

    private AttemptRef Next(long itemId) => new() { ItemId = itemId, Number = _attempts.AddOrUpdate(itemId, 1, (_, before) => before + 1) };

    public void Conclude(AttemptRef attempt, object outcome)
    {
        Events.Enqueue($"{outcome.GetType().Name} {attempt.ItemId}/{attempt.Number}");
        Source(attempt.ItemId).TrySetResult(outcome);
    }

    public Task<object> OutcomeOf(long itemId) => Source(itemId).Task;

    private TaskCompletionSource<object> Source(long itemId) => _outcomes.GetOrAdd(itemId, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>Grants claims and takes results, as the coordinator does.</summary>
public sealed class StandInCoordinator(Ledger ledger) : IConsumer<ClaimAttempt>, IConsumer<ReturnAttempt>, IConsumer<AttemptFailed>, IConsumer<SegmentTrained>,
    IConsumer<CamBlockComputed>, IConsumer<ShardGenerated>, IConsumer<ContactSheetRendered>, IConsumer<CorpusMeasured>, IConsumer<ModelsEvaluated>, IConsumer<ReportRendered>
{
    public Task Consume(ConsumeContext<ClaimAttempt> context) => ledger.Claim(context.Message) is { } granted
        ? context.RespondAsync(granted)
        : context.RespondAsync(new AttemptRefused { Reason = "it is not to be done", WrongWorker = ledger.WrongWorker });

    public Task Consume(ConsumeContext<ReturnAttempt> context)
    {
        ledger.Conclude(context.Message.Attempt, context.Message);
        return context.RespondAsync(new AttemptTakenBack { Attempt = context.Message.Attempt });
    }

    public Task Consume(ConsumeContext<AttemptFailed> context) => Take(context.Message.Attempt, context.Message);

    public Task Consume(ConsumeContext<SegmentTrained> context) => Take(context.Message.Attempt, context.Message);

    public Task Consume(ConsumeContext<CamBlockComputed> context) => Take(context.Message.Attempt, context.Message);

    public Task Consume(ConsumeContext<ShardGenerated> context) => Take(context.Message.Attempt, context.Message);

    public Task Consume(ConsumeContext<ContactSheetRendered> context) => Take(context.Message.Attempt, context.Message);

    public Task Consume(ConsumeContext<CorpusMeasured> context) => Take(context.Message.Attempt, context.Message);

    public Task Consume(ConsumeContext<ModelsEvaluated> context) => Take(context.Message.Attempt, context.Message);

    public Task Consume(ConsumeContext<ReportRendered> context) => Take(context.Message.Attempt, context.Message);

    private Task Take(AttemptRef attempt, object outcome)
    {
        ledger.Conclude(attempt, outcome);
        return Task.CompletedTask;
    }
}
