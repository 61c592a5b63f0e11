using Factory.Synthesis.Imaging;

namespace Factory.Synthesis.Phantoms;

/// <summary>
/// A square drawing surface of linear floats with coordinates from -1 (left, top) to 1 (right, bottom), whatever its size in pixels,
/// and a second plane that remembers where lesions were painted.
/// </summary>
internal sealed class PhantomCanvas(int size)
{
    private readonly float[] _rgb = new float[size * size * 3];
    private readonly float[] _lesion = new float[size * size];

    public int Size => size;

    /// <summary>The side of a pixel in canvas units; no edge may be sharper, or it would alias.</summary>
    public float Pixel => 2f / size;

    /// <summary>How much of a pixel lies inside an edge.</summary>
    /// <param name="distance">Signed distance to the edge, negative inside.</param>
    /// <param name="softness">Width of the transition; never less than a pixel is used.</param>
    public float Inside(float distance, float softness = 0)
    {
        var t = Math.Clamp(0.5f - (distance / Math.Max(softness, Pixel)), 0, 1);
        return t * t * (3 - (2 * t));
    }

    public void Set(int x, int y, Tint tint)
    {
        var at = ((y * size) + x) * 3;
        (_rgb[at], _rgb[at + 1], _rgb[at + 2]) = (tint.R, tint.G, tint.B);
    }

    public Tint Get(int x, int y)
    {
        var at = ((y * size) + x) * 3;
        return new Tint(_rgb[at], _rgb[at + 1], _rgb[at + 2]);
    }

    public float Coordinate(int index) => ((index + 0.5f) * Pixel) - 1;

    /// <summary>Marks a pixel as lesion, as strongly as it shows.</summary>
    public void MarkLesion(int x, int y, float opacity) =>
        _lesion[(y * size) + x] = Math.Max(_lesion[(y * size) + x], opacity);

    /// <summary>Runs an action on every pixel within a square around a point.</summary>
    public void Around(float centerX, float centerY, float reach, Action<int, int, float, float> pixel)
    {
        var (left, right) = Range(centerX, reach);
        var (top, bottom) = Range(centerY, reach);
        for (var y = top; y <= bottom; y++)
        {
            for (var x = left; x <= right; x++)
                pixel(x, y, Coordinate(x) - centerX, Coordinate(y) - centerY);
        }
    }

    /// <summary>Blends a color over the pixels of a shape.</summary>
    /// <param name="centerX">Center of the shape, canvas units.</param>
    /// <param name="centerY">Center of the shape, canvas units.</param>
    /// <param name="reach">Half the side of a square that holds the shape.</param>
    /// <param name="tint">The color.</param>
    /// <param name="opacity">Opacity in [0, 1] at an offset from the center.</param>
    /// <param name="lesion">Whether the shape is part of a lesion.</param>
    public void Paint(float centerX, float centerY, float reach, Tint tint, Func<float, float, float> opacity, bool lesion = false) =>
        Around(centerX, centerY, reach, (x, y, dx, dy) =>
        {
            var alpha = opacity(dx, dy);
            if (alpha <= 0)
                return;
            Set(x, y, Tint.Lerp(Get(x, y), tint, alpha));
            if (lesion)
                MarkLesion(x, y, alpha);
        });

    public Phantom Finish()
    {
        var image = new RgbImage(size, size);
        for (var i = 0; i < _rgb.Length; i++)
            image.Pixels[i] = (byte)Math.Clamp((int)MathF.Round(_rgb[i]), 0, 255);
        return new Phantom(image, [.. _lesion.Select(alpha => alpha >= 0.35f ? byte.MaxValue : byte.MinValue)]);
    }

    private (int First, int Last) Range(float center, float reach) =>
        (Math.Max((int)((center - reach + 1) / Pixel), 0), Math.Min((int)((center + reach + 1) / Pixel), size - 1));
}
