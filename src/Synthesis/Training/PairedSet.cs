using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;

namespace Factory.Synthesis.Training;

/// <summary>Pairs of a condition map and the image it was made from, loaded one at a time.</summary>
public sealed class PairedSet
{
    private readonly Func<int, (ConditionMap Condition, RgbImage Image)> _load;

    /// <summary>Wraps a function, which must give the same for the same index, or training is not reproducible.</summary>
    /// <param name="count">Number of pairs, at least 1.</param>
    /// <param name="load">A pair, each of any size; called on the training thread.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public PairedSet(int count, Func<int, (ConditionMap Condition, RgbImage Image)> load)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        (Count, _load) = (count, load);
    }

    /// <summary>Number of pairs.</summary>
    public int Count { get; }

    /// <summary>A pair.</summary>
    /// <param name="index">0 to Count - 1.</param>
    /// <returns>The condition map and the image.</returns>
    public (ConditionMap Condition, RgbImage Image) Load(int index) => _load(index);
}
