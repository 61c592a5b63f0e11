using System.Text.RegularExpressions;
using Factory.Hosting.Dependencies;
using Factory.Storage.Objects;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Factory.Hosting;

/// <summary>Starts a service, and ends it with one clear line where its settings or surroundings do not allow a start.</summary>
public static partial class ServiceMain
{
    /// <summary>The argument that makes a service's program ask whether the service of the same settings is well, and end: for containers that have no other program to ask with.</summary>
    public const string HealthArgument = "--health";

    /// <summary>Builds, prepares and runs a host until it is asked to stop.</summary>
    /// <param name="name">The service, for messages.</param>
    /// <param name="build">Builds the host.</param>
    /// <param name="prepare">Waits for dependencies and does what must be done before the host starts.</param>
    /// <returns>Exit code: 0 after a stop that was asked for, 1 when it could not start.</returns>
    public static async Task<int> RunAsync<THost>(string name, Func<THost> build, Func<THost, CancellationToken, Task> prepare)
        where THost : IHost
    {
        ArgumentNullException.ThrowIfNull(build);
        ArgumentNullException.ThrowIfNull(prepare);
        using CancellationTokenSource stop = new();
        ConsoleCancelEventHandler onCancel = (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        Console.CancelKeyPress += onCancel;
        try
        {
            using THost host = build();
            ((IStartupValidator?)host.Services.GetService(typeof(IStartupValidator)))?.Validate();
            await prepare(host, stop.Token);
            // From here on the host's own lifetime listens to signals.
            Console.CancelKeyPress -= onCancel;
            await host.RunAsync(stop.Token);
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception invalid) when (Mistakes(invalid) is { Count: > 0 } mistakes)
        {
            foreach (string mistake in mistakes) await Console.Error.WriteLineAsync($"{name}: {mistake}");
            return 1;
        }
        catch (Exception known) when (known is DependencyMisconfiguredException or ObjectStoreUnavailableException)
        {
            await Console.Error.WriteLineAsync($"{name}: {known.Message}");
            return 1;
        }
    }

    /// <summary>What is wrong with the settings, a line each; empty when the fault is another.</summary>
    internal static IReadOnlyList<string> Mistakes(Exception fault) => fault switch
    {
        OptionsValidationException invalid => [.. invalid.Failures.Select(failure => AnnotationPrefix().Replace(failure, "$1"))],
        AggregateException several => [.. several.InnerExceptions.SelectMany(Mistakes)],
        // The binder's own words, when a value is none of its type.
        InvalidOperationException { InnerException: FormatException } unreadable when Unreadable().Match(unreadable.Message) is { Success: true } match =>
            [$"{match.Groups[2].Value} cannot be '{match.Groups[1].Value}'; see docs/configuration.md for what it can be."],
        _ => [],
    };

    [GeneratedRegex("^DataAnnotation validation failed for '.*?' members: '.*?' with the error: '(.*)'\\.$", RegexOptions.Singleline)]
    private static partial Regex AnnotationPrefix();

    [GeneratedRegex("^Failed to convert configuration value '(.*)' at '(.*?)' to type")]
    private static partial Regex Unreadable();
}
