using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Evaluation;

/// <summary>
/// The features of a set of images, in memory: float32 [N, C], 4 C bytes an image. Distances are Euclidean, summed in one order whatever the machine, and exactly 0 between equal rows.
/// Immutable; safe from any thread.
/// </summary>
public sealed class FeatureSet
{
    private readonly float[] _values;

    /// <summary>Puts rows together.</summary>
    /// <param name="rows">At least one row; all of one length C, at least 1.</param>
    /// <exception cref="ArgumentException">There is no row, or lengths differ.</exception>
    public FeatureSet(IReadOnlyCollection<float[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0 || rows.Any(row => row.Length == 0 || row.Length != rows.First().Length))
            throw new ArgumentException("A set of features needs at least one row, and rows of one length.", nameof(rows));
        (Count, Channels) = (rows.Count, rows.First().Length);
        _values = new float[checked(Count * Channels)];
        var at = 0;
        foreach (var row in rows)
        {
            row.CopyTo(_values, at);
            at += Channels;
        }
    }

    /// <summary>Number of images, N.</summary>
    public int Count { get; }

    /// <summary>Number of features, C.</summary>
    public int Channels { get; }

    /// <summary>The features of one image.</summary>
    /// <param name="index">0 to N - 1.</param>
    /// <returns>C values; not a copy.</returns>
    public ReadOnlySpan<float> Row(int index) => _values.AsSpan(index * Channels, Channels);

    /// <summary>Some rows as a set of their own.</summary>
    /// <param name="indices">At least one, each 0 to N - 1.</param>
    /// <returns>A copy, in the order asked for.</returns>
    public FeatureSet Of(IEnumerable<int> indices) => new([.. indices.Select(index => Row(index).ToArray())]);

    /// <summary>The set as a tensor.</summary>
    /// <returns>Float64 [N, C] on the CPU; the caller, or its dispose scope, disposes it.</returns>
    public Tensor ToTensor()
    {
        var tensor = torch.empty([Count, Channels], ScalarType.Float64);
        var values = MemoryMarshal.Cast<byte, double>(tensor.bytes);
        for (var i = 0; i < _values.Length; i++)
            values[i] = _values[i];
        return tensor;
    }

    /// <summary>Distance to the nearest image of the set.</summary>
    /// <param name="features">C values.</param>
    /// <param name="except">An image that is not looked at, such as the one asked about. Default none.</param>
    /// <returns>At least 0; infinite where no image is left.</returns>
    public double NearestTo(ReadOnlySpan<float> features, int except = -1)
    {
        var nearest = double.PositiveInfinity;
        for (var i = 0; i < Count; i++)
        {
            if (i != except)
                nearest = Math.Min(nearest, SquaredDistance(features, Row(i)));
        }

        return Math.Sqrt(nearest);
    }

    /// <summary>Median distance of images of the set to the nearest other one: what distances to the set are measured by.</summary>
    /// <param name="most">At most so many images are asked about, evenly spread over the set, at least 1; each is compared with all others.</param>
    /// <param name="cancellation">Looked at between images.</param>
    /// <returns>At least 0; 0 where half of the images are copies of others.</returns>
    /// <exception cref="InvalidOperationException">The set has one image only.</exception>
    public double MedianNearest(int most, CancellationToken cancellation = default)
    {
        if (Count < 2)
            throw new InvalidOperationException("One image has no nearest neighbor.");
        return Quantiles.Median(Quantiles.Spread(Count, most).AsParallel().AsOrdered().WithCancellation(cancellation).Select(index => NearestTo(Row(index), except: index)));
    }

    /// <summary>The squared distance of two rows. Lanes are summed pairwise at the end, in a fixed order.</summary>
    internal static double SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = Vector256<float>.Zero;
        var width = Vector256<float>.Count;
        var i = 0;
        for (; i <= a.Length - width; i += width)
        {
            var off = Vector256.Create(a.Slice(i, width)) - Vector256.Create(b.Slice(i, width));
            sum += off * off;
        }

        var total = 0.0;
        for (var lane = 0; lane < width; lane++)
            total += sum[lane];
        for (; i < a.Length; i++)
            total += (a[i] - b[i]) * (a[i] - b[i]);
        return total;
    }
}
