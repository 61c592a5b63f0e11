using Factory.Contracts.Work;

namespace Factory.Contracts.Sampling;

/// <summary>
/// Says which source each sample of a corpus is drawn from, without a list of samples: a sample is found in O(log n) from its index. Counts of categories are exact, no
/// subject exceeds its cap, subjects of a category share evenly, and any stretch of indices has nearly the corpus's mix of categories.
/// </summary>
public sealed class SamplePlan
{
    private readonly CategorySchedule[] _schedules;
    private readonly long[] _firstPlace;
    private readonly IndexSpread _spread;

    /// <summary>Plans a corpus.</summary>
    /// <param name="sources">The sources.</param>
    /// <param name="counts">Samples of each category in index order, each at least 0; their sum at most 10^12.</param>
    /// <param name="perSubject">At most this many samples of one subject over all categories; null: no cap.</param>
    /// <param name="seed">Seed of the corpus: who gets remainders, and the order of samples.</param>
    /// <param name="categories">Names for messages; null: numbers.</param>
    /// <exception cref="SamplePlanException">A category has no source, or its subjects may not give as many samples as asked.</exception>
    public SamplePlan(IReadOnlyList<PlanSource> sources, IReadOnlyList<long> counts, int? perSubject, ulong seed, CategoryList? categories = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(counts);
        SourceGroups groups = new(sources, counts.Count, seed);
        PlanWords words = new(counts, perSubject, categories);
        for (int category = 0; category < counts.Count; category++)
        {
            if (counts[category] > 0 && groups.Members[category].Length == 0) throw words.NoSource(category);
        }
        long[][] quotas = SubjectQuotas.Share(groups.Members, groups.Subjects, counts, perSubject ?? long.MaxValue / 4 / Math.Max(1, groups.Subjects), words.TooFew);
        _schedules = [.. quotas.Select((shares, category) => new CategorySchedule(groups.Images[category], shares))];
        _firstPlace = new long[counts.Count];
        for (int category = 0; category < counts.Count; category++)
        {
            _firstPlace[category] = Count;
            Count += counts[category];
        }
        _spread = new(Count, seed);
    }

    /// <summary>Plans the corpus of a shard's invitation.</summary>
    /// <param name="sources">The sources, in the order of their list.</param>
    /// <param name="synthesis">How samples are drawn.</param>
    /// <exception cref="SamplePlanException">The samples cannot be drawn from these sources.</exception>
    public static SamplePlan Of(IEnumerable<CamSource> sources, SynthesisSpec synthesis)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(synthesis);
        return new([.. sources.Select(PlanSource.Of)], synthesis.Counts, synthesis.PerSubject, synthesis.Seed, synthesis.Categories);
    }

    /// <summary>Plans the corpus of a label-conditioned generator: only the category of a sample is drawn, its source says nothing.</summary>
    /// <param name="synthesis">How samples are drawn.</param>
    public static SamplePlan OfLabels(SynthesisSpec synthesis)
    {
        ArgumentNullException.ThrowIfNull(synthesis);
        PlanSource[] categories = [.. Enumerable.Range(0, synthesis.Counts.Count).Select(label => new PlanSource(label, label))];
        return new(categories, synthesis.Counts, null, synthesis.Seed, synthesis.Categories);
    }

    /// <summary>Samples of the corpus.</summary>
    public long Count { get; }

    /// <summary>What the sample at <paramref name="index"/> is made from.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The corpus has no such sample.</exception>
    public SampleDraw Draw(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        long place = _spread.Place(index);
        int category = _schedules.Length - 1;
        // Empty categories share their first place with the next; the last one that fits holds the sample.
        while (_firstPlace[category] > place || _schedules[category].Count == 0) category--;
        (int source, long round) = _schedules[category].At(place - _firstPlace[category]);
        return new(category, source, round);
    }

    /// <summary>A second source for manipulations that need one: of the same category, and of another subject where there is one.</summary>
    /// <param name="label">Category index.</param>
    /// <param name="random">A random number of the sample's.</param>
    /// <param name="source">Position of the first source, which is never returned.</param>
    /// <returns>Position of the second source; null where the category has only one.</returns>
    public int? Partner(int label, ulong random, int source) => _schedules[label].Partner(random, source);
}
