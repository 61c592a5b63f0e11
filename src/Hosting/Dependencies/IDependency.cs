namespace Factory.Hosting.Dependencies;

/// <summary>Something outside the process that a service cannot work without.</summary>
public interface IDependency
{
    /// <summary>What and where it is, without secrets, such as <c>broker amqp://mq:5672/</c>.</summary>
    string Name { get; }

    /// <summary>Tries it for real.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DependencyMisconfiguredException">It is there and refuses: waiting does not help.</exception>
    /// <exception cref="Exception">Anything else: it is not there yet.</exception>
    Task CheckAsync(CancellationToken cancellationToken);
}

/// <summary>A dependency that is there and refuses this service. Its message is one line that says what to do.</summary>
/// <param name="message">What is wrong and what to do.</param>
/// <param name="cause">What the driver said; absent where nothing was thrown.</param>
public sealed class DependencyMisconfiguredException(string message, Exception? cause = null) : Exception(message, cause);
