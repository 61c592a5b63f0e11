namespace Factory.Synthesis.Training;

/// <summary>Running means of the losses of the epoch under way; part of a training checkpoint.</summary>
internal sealed class LossAverages
{
    public SortedDictionary<string, double> Sums { get; set; } = new(StringComparer.Ordinal);

    public int Count { get; set; }

    internal void Add(IReadOnlyDictionary<string, double> losses)
    {
        foreach (var (name, value) in losses)
            Sums[name] = Sums.GetValueOrDefault(name) + value;
        Count++;
    }

    /// <summary>Adds what another one has summed up, such as a replica's steps of a round.</summary>
    internal void Add(LossAverages other)
    {
        foreach (var (name, sum) in other.Sums)
            Sums[name] = Sums.GetValueOrDefault(name) + sum;
        Count += other.Count;
    }

    internal SortedDictionary<string, double> Take()
    {
        var means = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, sum) in Sums)
            means[name] = sum / Count;
        Sums.Clear();
        Count = 0;
        return means;
    }
}
