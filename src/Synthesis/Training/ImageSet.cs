using Factory.Synthesis.Imaging;

namespace Factory.Synthesis.Training;

/// <summary>Labeled images, loaded one at a time.</summary>
public sealed class ImageSet : ExampleSet
{
    private readonly Func<int, int> _label;
    private readonly Func<int, RgbImage> _load;

    /// <summary>Wraps two functions. Both must give the same for the same index, or training is not reproducible.</summary>
    /// <param name="count">Number of images, at least 1.</param>
    /// <param name="label">The category index of an image.</param>
    /// <param name="load">The decoded pixels of an image, of any size; called on the training thread.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public ImageSet(int count, Func<int, int> label, Func<int, RgbImage> load)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        (Count, _label, _load) = (count, label, load);
    }

    /// <summary>Number of images.</summary>
    public int Count { get; }

    /// <inheritdoc/>
    public override long Examples => Count;

    /// <inheritdoc/>
    public override ExampleSet Part(int part, int parts, ulong seed)
    {
        int[] mine = [.. Enumerable.Range(0, Count).GroupBy(Label).SelectMany(category =>
            ExampleParts.Deal([.. category], part, parts, ExampleParts.Shuffler(seed, category.Key), $"training images of category {category.Key}")).Order()];
        return new ImageSet(mine.Length, i => Label(mine[i]), i => Load(mine[i]));
    }

    internal override IReadOnlyList<ImageSet> Streams => [this];

    /// <summary>Makes a set of images in memory.</summary>
    /// <param name="images">Image and category index; at least one.</param>
    /// <returns>The set.</returns>
    public static ImageSet Of(IReadOnlyList<(RgbImage Image, int Label)> images) => new(images.Count, i => images[i].Label, i => images[i].Image);

    /// <summary>The category index of an image.</summary>
    /// <param name="index">0 to Count - 1.</param>
    /// <returns>The category index.</returns>
    public int Label(int index) => _label(index);

    /// <summary>The decoded pixels of an image.</summary>
    /// <param name="index">0 to Count - 1.</param>
    /// <returns>The image.</returns>
    public RgbImage Load(int index) => _load(index);

    internal override Example At(long index) => new(Label((int)index), [(int)index]);

    internal override Func<Rng, Example> BalancedDraws(int categories)
    {
        (int Label, int[] Images)[] present = [.. Labels(categories).Select((label, i) => (label, i)).GroupBy(image => image.label, image => image.i).OrderBy(g => g.Key).Select(g => (g.Key, g.ToArray()))];
        return rng =>
        {
            var (label, images) = present[rng.NextInt(present.Length)];
            return new Example(label, [images[rng.NextInt(images.Length)]]);
        };
    }

    internal int[] Labels(int categories)
    {
        int[] labels = [.. Enumerable.Range(0, Count).Select(Label)];
        var bad = Array.FindIndex(labels, l => l < 0 || l >= categories);
        return bad < 0 ? labels : throw new ArgumentException($"Image {bad} has label {labels[bad]}, expected 0 to {categories - 1}.");
    }
}
