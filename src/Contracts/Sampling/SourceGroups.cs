namespace Factory.Contracts.Sampling;

/// <summary>Sources by category and subject, both in an order drawn from a seed so that remainders favor nobody twice.</summary>
internal sealed class SourceGroups
{
    public SourceGroups(IReadOnlyList<PlanSource> sources, int categories, ulong seed)
    {
        Dictionary<int, int> numbers = [];
        Dictionary<int, List<int>>[] images = [.. Enumerable.Range(0, categories).Select(_ => new Dictionary<int, List<int>>())];
        for (int position = 0; position < sources.Count; position++)
        {
            PlanSource source = sources[position];
            if (source.Label < 0 || source.Label >= categories)
            {
                throw new SamplePlanException($"Source {position} has category {source.Label}, expected 0 to {categories - 1}; import the collection again.");
            }
            if (!numbers.TryGetValue(source.Subject, out int subject)) numbers[source.Subject] = subject = numbers.Count;
            if (!images[source.Label].TryGetValue(subject, out List<int>? own)) images[source.Label][subject] = own = [];
            own.Add(position);
        }
        Subjects = numbers.Count;
        Members = [.. images.Select((category, label) => Shuffled([.. category.Keys], seed, (ulong)label))];
        Images = [.. Members.Select((members, label) => members.Select(subject => Shuffled([.. images[label][subject]], seed, (ulong)subject << 16 | (uint)label + 1)).ToArray())];
    }

    /// <summary>Number of distinct subjects.</summary>
    public int Subjects { get; }

    /// <summary>Subjects of each category, numbered from 0 in order of first appearance.</summary>
    public IReadOnlyList<int[]> Members { get; }

    /// <summary>For each category, for each of its <see cref="Members"/>, the positions of its sources.</summary>
    public IReadOnlyList<int[][]> Images { get; }

    private static int[] Shuffled(int[] items, ulong seed, ulong stream)
    {
        Mixing.Shuffle<int>(items, Mixing.Mix(seed + Mixing.Mix(stream)));
        return items;
    }
}
