using Factory.Contracts.Recipes;

namespace Factory.Contracts.Sampling;

/// <summary>Says how many samples of each category a corpus has.</summary>
public static class SampleAllocation
{
    /// <summary>Counts the samples of each category that a step asks for.</summary>
    /// <param name="step">The step: its counts, or its samples and balance. The background has none unless it is to be synthesized.</param>
    /// <param name="categories">The collection's categories.</param>
    /// <param name="sources">The sources; their labels are what balance <c>sources</c> follows.</param>
    /// <returns>Samples of each category in index order. Balanced by categories, the remainder falls on the first ones; by sources, on the largest remainders.</returns>
    /// <exception cref="SamplePlanException">A category is unknown, or nothing is left to synthesize.</exception>
    public static IReadOnlyList<long> Allocate(SynthesizeStep step, CategoryList categories, IReadOnlyList<PlanSource> sources)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(categories);
        ArgumentNullException.ThrowIfNull(sources);
        if (step.Counts is { } counts) return Named(step, counts, categories);
        long samples = step.Samples ?? throw new SamplePlanException($"Step {step.Name} says neither samples nor counts; give one of them.");
        long[] weights = new long[categories.Count];
        foreach (PlanSource source in sources) weights[source.Label]++;
        if (step.Background != "synthesize") weights[categories.Background] = 0;
        if (step.Balance == "categories")
        {
            for (int category = 0; category < weights.Length; category++)
            {
                weights[category] = step.Background == "synthesize" || category != categories.Background ? 1 : 0;
            }
        }
        return weights.Any(weight => weight > 0)
            ? Share(samples, weights)
            : throw new SamplePlanException($"Step {step.Name} has no source image of a category to synthesize, {samples} samples asked; check the collection's training split.");
    }

    /// <summary>Shares a total in proportion to weights by the method of largest remainders; equal remainders favor the first.</summary>
    /// <param name="total">What is shared, at least 0.</param>
    /// <param name="weights">Weights, at least 0, at least one above 0.</param>
    /// <returns>Whole parts that sum to <paramref name="total"/>.</returns>
    public static IReadOnlyList<long> Share(long total, IReadOnlyList<long> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Int128 sum = 0;
        foreach (long weight in weights) sum += weight;
        if (sum <= 0) throw new ArgumentException("At least one weight must be above 0.", nameof(weights));
        long[] parts = [.. weights.Select(weight => (long)((Int128)total * weight / sum))];
        long rest = total - parts.Sum();
        IEnumerable<int> byRemainder = Enumerable.Range(0, parts.Length)
            .OrderByDescending(index => (Int128)total * weights[index] % sum).ThenBy(index => index);
        foreach (int index in byRemainder.Take((int)rest)) parts[index]++;
        return parts;
    }

    private static long[] Named(SynthesizeStep step, IReadOnlyDictionary<string, long> counts, CategoryList categories)
    {
        long[] result = new long[categories.Count];
        foreach ((string name, long count) in counts)
        {
            int category = categories.IndexOf(name);
            if (category < 0) throw new SamplePlanException($"Step {step.Name} asks for samples of '{name}'; the collection's categories are {categories}.");
            if (category == categories.Background && step.Background != "synthesize" && count > 0)
            {
                throw new SamplePlanException($"Step {step.Name} asks for samples of the background {name}; that needs background: synthesize.");
            }
            result[category] = count;
        }
        return result;
    }
}
