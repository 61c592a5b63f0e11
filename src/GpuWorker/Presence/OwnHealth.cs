using Microsoft.Extensions.Configuration;

namespace Factory.GpuWorker.Presence;

/// <summary>Asks whether the worker of the same settings is alive: the probe of a container that has no other program to ask with.</summary>
public static class OwnHealth
{
    /// <summary>Reads the age of <see cref="PresenceOptions.File"/>.</summary>
    /// <param name="configuration">The worker's settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="errors">Told in a line what is wrong.</param>
    /// <returns>Exit code: 0 when the worker is alive, else 1.</returns>
    public static int Ask(IConfiguration configuration, TimeProvider time, TextWriter errors)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(errors);
        PresenceOptions options = configuration.GetSection(PresenceOptions.Section).Get<PresenceOptions>() ?? new();
        string? fault = options.File is { Length: > 0 } file ? new LifeSign(file, options.Interval, time).Fault() : "Presence:File is not set: the worker writes no sign of life";
        if (fault is not null) errors.WriteLine($"factory-worker: {fault}");
        return fault is null ? 0 : 1;
    }
}
