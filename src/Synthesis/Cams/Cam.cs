namespace Factory.Synthesis.Cams;

/// <summary>A class activation map of one image: float [K, h, w], a channel a category, unnormalized. Immutable by convention: operators copy.</summary>
public sealed class Cam
{
    /// <summary>Wraps values.</summary>
    /// <param name="categories">K, at least 2.</param>
    /// <param name="height">Rows h, at least 1.</param>
    /// <param name="width">Columns w, at least 1.</param>
    /// <param name="values">K * h * w finite values, row-major; kept, not copied.</param>
    /// <exception cref="ArgumentException">A size is too small, the length does not match, or a value is not finite.</exception>
    public Cam(int categories, int height, int width, float[] values)
    {
        if (categories < 2 || height < 1 || width < 1)
            throw new ArgumentException($"A CAM of [{categories}, {height}, {width}] is too small, expected at least [2, 1, 1].");
        if (values.LongLength != (long)categories * height * width)
            throw new ArgumentException($"A CAM of [{categories}, {height}, {width}] needs {(long)categories * height * width} values, got {values.Length}.", nameof(values));
        var bad = Array.FindIndex(values, v => !float.IsFinite(v));
        if (bad >= 0)
            throw new ArgumentException($"CAM value {bad} is {values[bad]}, expected a finite number: the classifier's weights have diverged.", nameof(values));
        (K, Height, Width, Values) = (categories, height, width, values);
    }

    /// <summary>Number of categories, and so of channels.</summary>
    public int K { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>The values [K, h, w], row-major. Not to be written to: a CAM is shared.</summary>
    public float[] Values { get; }

    /// <summary>One value.</summary>
    /// <param name="category">Channel, 0 to K - 1.</param>
    /// <param name="row">Row, 0 to h - 1.</param>
    /// <param name="column">Column, 0 to w - 1.</param>
    public float this[int category, int row, int column] => Values[(((category * Height) + row) * Width) + column];

    /// <summary>The values of one category.</summary>
    /// <param name="category">Channel, 0 to K - 1.</param>
    /// <returns>The h * w values, row-major.</returns>
    public ReadOnlySpan<float> Channel(int category) => Values.AsSpan(category * Height * Width, Height * Width);
}
