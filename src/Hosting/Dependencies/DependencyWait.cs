using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Factory.Hosting.Dependencies;

/// <summary>Waits, before a service starts, until everything it depends on answers, and says what it waits for.</summary>
public static partial class DependencyWait
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromSeconds(30), CheckTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Waits for every <see cref="IDependency"/> of the services, one after the other, with pauses that grow from one second to thirty.</summary>
    /// <param name="services">The built host's services.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DependencyMisconfiguredException">One refuses in a way that waiting does not mend.</exception>
    public static async Task WaitForDependenciesAsync(this IServiceProvider services, CancellationToken cancellationToken)
    {
        ILogger logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(DependencyWait));
        TimeProvider time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        foreach (IDependency dependency in services.GetServices<IDependency>()) await WaitAsync(dependency, logger, time, cancellationToken);
    }

    private static async Task WaitAsync(IDependency dependency, ILogger logger, TimeProvider time, CancellationToken cancellationToken)
    {
        for (TimeSpan pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            using CancellationTokenSource late = new(CheckTimeout, time);
            using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
            try
            {
                await dependency.CheckAsync(end.Token);
                LogReady(logger, dependency.Name);
                return;
            }
            catch (Exception absent) when (absent is not DependencyMisconfiguredException && !cancellationToken.IsCancellationRequested)
            {
                string reason = late.IsCancellationRequested ? $"no answer within {CheckTimeout.TotalSeconds:F0} s" : Innermost(absent).Message.ReplaceLineEndings(" ");
                LogWaiting(logger, dependency.Name, reason, pause.TotalSeconds);
            }
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    // Drivers wrap what the socket said in their own words; the socket says it shortest.
    private static Exception Innermost(Exception fault) => fault.InnerException is { } inner ? Innermost(inner) : fault;

    [LoggerMessage(Level = LogLevel.Information, Message = "{Dependency} is ready")]
    private static partial void LogReady(ILogger logger, string dependency);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Waiting for {Dependency}: {Reason}; trying again in {Seconds} s")]
    private static partial void LogWaiting(ILogger logger, string dependency, string reason, double seconds);
}
