using Factory.Contracts.Work;
using Factory.Hosting.Transport;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Factory.GpuWorker.Attempts;

/// <summary>What a worker says to the coordinator of attempts, with the patience that each of it deserves.</summary>
internal sealed partial class AttemptMessages(IBus bus, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DeliveryTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DeliveryPause = TimeSpan.FromSeconds(1);

    /// <summary>Asks for attempts. Not cut short when the worker stops: the coordinator may have counted them, and only who hears of it can give them back.</summary>
    public async Task<(AttemptGranted? Granted, AttemptRefused? Refused)> ClaimAsync(ClaimAttempt claim)
    {
        IRequestClient<ClaimAttempt> client = bus.CreateRequestClient<ClaimAttempt>(AnswerTimeout);
        Response<AttemptGranted, AttemptRefused> answer = await client.GetResponse<AttemptGranted, AttemptRefused>(claim, CancellationToken.None)
            .AnsweredWithinAsync(AnswerTimeout, time, CancellationToken.None);
        if (answer.Is(out Response<AttemptGranted>? granted)) return (granted.Message, null);
        answer.Is(out Response<AttemptRefused>? refused);
        return (null, refused!.Message);
    }

    /// <summary>Gives an invitation back. Where this fails too, the coordinator invites again when nobody took it up.</summary>
    public async Task GiveBackAsync(long itemId, TimeSpan pause, string reason)
    {
        LogGivenBack(itemId, reason);
        try
        {
            await bus.PublishWithinAsync(
                new InvitationReturned { ItemId = itemId, Pause = pause, Reason = reason }, DeliveryTimeout, time, CancellationToken.None);
        }
        catch (Exception unheard) when (BusPatience.IsUndelivered(unheard))
        {
            LogNotGivenBack(itemId, unheard.Message);
        }
    }

    /// <summary>Publishes what became of an attempt, for as long as the attempt is this worker's: a broker that is away comes back.</summary>
    public async Task DeliverAsync<T>(T outcome, CancellationToken lost)
        where T : class
    {
        while (true)
        {
            try
            {
                await bus.PublishWithinAsync(outcome, DeliveryTimeout, time, lost);
                return;
            }
            catch (Exception undelivered) when (!lost.IsCancellationRequested && BusPatience.IsUndelivered(undelivered))
            {
                LogUndelivered(undelivered.Message);
                await Task.Delay(DeliveryPause, time, lost);
            }
        }
    }

    /// <summary>Gives an attempt back unfinished, and waits until the coordinator has it on record.</summary>
    public async Task ReturnAsync(AttemptRef attempt)
    {
        IRequestClient<ReturnAttempt> client = bus.CreateRequestClient<ReturnAttempt>(AnswerTimeout);
        await client.GetResponse<AttemptTakenBack>(new ReturnAttempt { Attempt = attempt }, CancellationToken.None).AnsweredWithinAsync(AnswerTimeout, time, CancellationToken.None);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Item {ItemId}: invitation given back: {Reason}")]
    private partial void LogGivenBack(long itemId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Item {ItemId}: the invitation cannot be given back: {Reason}")]
    private partial void LogNotGivenBack(long itemId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker does not take a result ({Reason}); trying again")]
    private partial void LogUndelivered(string reason);
}
