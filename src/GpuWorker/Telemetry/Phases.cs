using System.Diagnostics;

namespace Factory.GpuWorker.Telemetry;

/// <summary>
/// The phases of one attempt: when each was first begun and last ended, and how long it was at work in between. A phase that comes a hundred times, batch after batch, is one phase. Safe from any thread.
/// </summary>
public sealed class Phases(TimeProvider time)
{
    /// <summary>Phase: checkpoints and sources are read.</summary>
    public const string Load = "load";

    /// <summary>Phase: samples are drawn and their condition maps made.</summary>
    public const string Prepare = "prepare";

    /// <summary>Phase: the device computes; in training, forward and backward.</summary>
    public const string Forward = "forward";

    /// <summary>Phase: samples are judged and measured.</summary>
    public const string Quality = "quality";

    /// <summary>Phase: results are turned into files.</summary>
    public const string Encode = "encode";

    /// <summary>Phase: files are written to the object store.</summary>
    public const string Upload = "upload";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Phase> _phases = [];

    /// <summary>What there was so far, in order of beginning.</summary>
    internal IReadOnlyList<Phase> All
    {
        get
        {
            lock (_lock) return [.. _phases.Values.OrderBy(phase => phase.Began)];
        }
    }

    /// <summary>Times a phase until the answer is disposed.</summary>
    /// <param name="name">The phase.</param>
    public Measure Of(string name) => new(this, name, time.GetUtcNow(), Stopwatch.GetTimestamp());

    private void Add(string name, DateTimeOffset began, TimeSpan took)
    {
        DateTimeOffset ended = began + took;
        lock (_lock)
        {
            _phases[name] = _phases.TryGetValue(name, out Phase? known)
                ? known with { Began = began < known.Began ? began : known.Began, Ended = ended > known.Ended ? ended : known.Ended, Busy = known.Busy + took }
                : new(name, began, ended, took);
        }
    }

    /// <summary>A phase being timed.</summary>
    public readonly struct Measure : IDisposable
    {
        private readonly Phases _phases;
        private readonly string _name;
        private readonly DateTimeOffset _began;
        private readonly long _since;

        internal Measure(Phases phases, string name, DateTimeOffset began, long since) => (_phases, _name, _began, _since) = (phases, name, began, since);

        /// <summary>Ends it.</summary>
        public void Dispose() => _phases.Add(_name, _began, Stopwatch.GetElapsedTime(_since));
    }
}

/// <summary>One phase of an attempt.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Began">When it was first begun.</param>
/// <param name="Ended">When it last ended.</param>
/// <param name="Busy">How long it was at work, on all threads together.</param>
internal sealed record Phase(string Name, DateTimeOffset Began, DateTimeOffset Ended, TimeSpan Busy);
