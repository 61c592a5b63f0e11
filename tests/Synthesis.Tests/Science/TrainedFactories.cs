namespace Factory.Synthesis.Tests.Science;

/// <summary>The method trained three times over: how much a moved lesion moves differs by a third from training to training, and with the processor's way of rounding.</summary>
public sealed class TrainedFactories : IDisposable
{
    private const int Count = 3;

    public IReadOnlyList<TrainedFactory> All { get; } = [.. Enumerable.Range(0, Count).Select(number => new TrainedFactory((ulong)number))];

    public void Dispose()
    {
        foreach (var factory in All)
            factory.Dispose();
    }
}
