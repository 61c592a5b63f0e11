using System.Globalization;

namespace Factory.GpuWorker.Presence;

/// <summary>A file that says when a worker last was at an even pace, for who watches over its process and must not ask over the network.</summary>
/// <param name="path">The file.</param>
/// <param name="interval">The pace.</param>
/// <param name="time">The clock of writer and reader.</param>
internal sealed class LifeSign(string path, TimeSpan interval, TimeProvider time)
{
    // A worker whose broker does not answer waits three intervals for it each time: it lives.
    private const int Patience = 6;

    /// <summary>Writes the time. The file is never half there.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write()
    {
        string fresh = path + ".new";
        File.WriteAllText(fresh, time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>Removes the file; harmless when it is not there.</summary>
    public void Remove() => File.Delete(path);

    /// <summary>What speaks against the worker being alive, in a line; null when nothing does.</summary>
    public string? Fault()
    {
        try
        {
            TimeSpan age = time.GetUtcNow() - DateTimeOffset.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture);
            return age <= interval * Patience ? null : $"the last sign of life in {path} is {age.TotalSeconds:F0} s old, more than {Patience} times Presence:Interval";
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException or FormatException)
        {
            return $"there is no sign of life in {path}: the worker has not started, has stopped, or cannot write there ({absent.Message})";
        }
    }
}
