using MassTransit;

namespace Factory.Hosting.Transport;

/// <summary>Publishing and asking with an end to it: the transport's own limits do not count while it waits for a connection that is gone.</summary>
public static class BusPatience
{
    /// <summary>Publishes a message, and waits for the broker's word on it no longer than is said.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="message">The message. Given up, it may still arrive.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="time">Measures it.</param>
    /// <param name="cancellationToken">Gives up earlier.</param>
    /// <param name="lifetime">How long it may lie in a queue before it means nothing any more; absent: for ever.</param>
    /// <exception cref="OperationCanceledException">The broker took too long, or the wait was canceled.</exception>
    /// <exception cref="MassTransitException">The broker refuses it.</exception>
    public static async Task PublishWithinAsync<T>(
        this IPublishEndpoint bus, T message, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken, TimeSpan? lifetime = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(bus);
        using CancellationTokenSource late = new(patience, time);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        await bus.Publish(message, context => context.TimeToLive = lifetime, end.Token).WaitAsync(end.Token);
    }

    /// <summary>Whether a fault of <see cref="PublishWithinAsync"/> says that the message may not have arrived; whatever else is thrown is a mistake of the program.</summary>
    /// <param name="fault">What it threw.</param>
    public static bool IsUndelivered(Exception fault) => fault is OperationCanceledException or MassTransitException;

    /// <summary>Waits for an answer no longer than is said.</summary>
    /// <param name="answer">A request under way.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="time">Measures it.</param>
    /// <param name="cancellationToken">Gives up earlier.</param>
    /// <exception cref="RequestTimeoutException">There was none.</exception>
    public static async Task<T> AnsweredWithinAsync<T>(this Task<T> answer, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(answer);
        try
        {
            return await answer.WaitAsync(patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new RequestTimeoutException();
        }
    }
}
