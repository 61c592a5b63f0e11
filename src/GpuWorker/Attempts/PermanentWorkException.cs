namespace Factory.GpuWorker.Attempts;

/// <summary>Work that no further attempt can do: its inputs contradict one another, or this is the wrong device.</summary>
/// <param name="message">What is wrong and what to do, in one line.</param>
public sealed class PermanentWorkException(string message) : Exception(message);
