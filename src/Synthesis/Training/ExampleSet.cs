namespace Factory.Synthesis.Training;

/// <summary>What a classifier learns from or is judged by: labeled examples, each of one image of every stream.</summary>
public abstract class ExampleSet
{
    private protected ExampleSet()
    {
    }

    /// <summary>Number of examples.</summary>
    public abstract long Examples { get; }

    /// <summary>The category index of each example, in order.</summary>
    /// <returns>As many as there are examples.</returns>
    public int[] Labels()
    {
        var labels = new int[checked((int)Examples)];
        for (var i = 0; i < labels.Length; i++)
            labels[i] = At(i).Label;
        return labels;
    }

    /// <summary>
    /// One replica's part of the examples. No image is in two parts, every part has every category, and the sizes of a category's parts differ by one at most (of loose pairs, those
    /// of the images on either side; of strict pairs, those of the eyes).
    /// </summary>
    /// <param name="part">The part, 0 to parts - 1.</param>
    /// <param name="parts">Number of parts, at least 1.</param>
    /// <param name="seed">Seed of the shuffle before they are dealt.</param>
    /// <returns>The part, its examples in this set's order; loads its images from this set.</returns>
    /// <exception cref="ArgumentException">A category has fewer examples than there are parts.</exception>
    public abstract ExampleSet Part(int part, int parts, ulong seed);

    /// <summary>The images of each stream.</summary>
    internal abstract IReadOnlyList<ImageSet> Streams { get; }

    /// <summary>One example.</summary>
    /// <param name="index">0 to Examples - 1.</param>
    internal abstract Example At(long index);

    /// <summary>Draws with replacement in which an example weighs 1 / its category's size: a category uniformly among those present, then one of its examples uniformly.</summary>
    /// <param name="categories">K; a label outside 0 to K - 1 is an <see cref="ArgumentException"/>.</param>
    internal abstract Func<Rng, Example> BalancedDraws(int categories);

    /// <summary>As <see cref="Labels"/>, each checked to be one of K categories; an <see cref="ArgumentException"/> where it is not.</summary>
    internal int[] LabelsOf(int categories)
    {
        foreach (var stream in Streams)
            stream.Labels(categories);
        return Labels();
    }
}

/// <summary>One example: a category and the number of an image in each stream.</summary>
internal readonly record struct Example(int Label, IReadOnlyList<int> Images);
