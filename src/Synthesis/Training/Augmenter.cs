using Factory.Synthesis.Imaging;

namespace Factory.Synthesis.Training;

/// <summary>Varies one image by one bilinear resampling and a change of color, and writes it as a network sees it. Managed code, so that every draw is the stream's.</summary>
internal static class Augmenter
{
    /// <summary>Writes planes [3, s, s] in [-1, 1]. As many numbers are drawn for every image as the kind needs at most.</summary>
    internal static void Write(RgbImage image, Augmentation kind, Rng rng, Span<float> planes)
    {
        var draw = kind switch
        {
            Augmentation.Paper => Draw.Paper(rng),
            Augmentation.Light => Draw.Light(rng),
            _ => null,
        };
        var area = image.Width * image.Height;
        if (draw is null)
        {
            for (var i = 0; i < image.Pixels.Length; i++)
                planes[((i % 3) * area) + (i / 3)] = image.Pixels[i] / 255f;
        }
        else
        {
            Resample(image, draw, planes);
            Recolor(draw, planes, area);
        }

        foreach (ref var value in planes)
            value = (value - 0.5f) / 0.5f;
    }

    /// <summary>Resamples an image: planes [3, h, w] in [0, 1].</summary>
    internal static void Resample(RgbImage image, Draw draw, Span<float> planes)
    {
        var (width, height) = (image.Width, image.Height);
        var (sin, cos) = Math.SinCos(draw.Degrees * Math.PI / 180);
        var area = width * height;
        Span<float> color = stackalloc float[3];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                // Backwards from the result: zoom, flip, crop, then rotation about the center.
                var u = (x - ((width - 1) / 2.0)) / draw.Zoom * (draw.Flip ? -1 : 1);
                var v = (y - ((height - 1) / 2.0)) / draw.Zoom;
                u = (u * (1 - draw.Left - draw.Right)) + ((draw.Left - draw.Right) / 2 * width);
                v = (v * (1 - draw.Top - draw.Bottom)) + ((draw.Top - draw.Bottom) / 2 * height);
                Sample(image, (cos * u) - (sin * v) + ((width - 1) / 2.0), (sin * u) + (cos * v) + ((height - 1) / 2.0), color);
                var at = (y * width) + x;
                (planes[at], planes[area + at], planes[(2 * area) + at]) = (color[0], color[1], color[2]);
            }
        }
    }

    private static void Sample(RgbImage image, double x, double y, Span<float> color)
    {
        color.Clear();
        var (left, top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        var (right, down) = ((float)(x - left), (float)(y - top));
        for (var corner = 0; corner < 4; corner++)
        {
            var (column, row) = (left + (corner & 1), top + (corner >> 1));
            if (column < 0 || row < 0 || column >= image.Width || row >= image.Height)
                continue;
            var weight = ((corner & 1) == 0 ? 1 - right : right) * ((corner >> 1) == 0 ? 1 - down : down) / 255f;
            var at = ((row * image.Width) + column) * 3;
            for (var c = 0; c < 3; c++)
                color[c] += weight * image.Pixels[at + c];
        }
    }

    /// <summary>Changes brightness, then contrast about the mean gray, then saturation, each clamped to [0, 1].</summary>
    internal static void Recolor(Draw draw, Span<float> planes, int area)
    {
        var red = planes[..area];
        var green = planes.Slice(area, area);
        var blue = planes.Slice(2 * area, area);
        foreach (ref var value in planes)
            value = Math.Clamp(value * draw.Brightness, 0f, 1f);
        double sum = 0;
        for (var i = 0; i < area; i++)
            sum += Gray(red[i], green[i], blue[i]);
        var mean = (float)(sum / area);
        foreach (ref var value in planes)
            value = Math.Clamp(mean + (draw.Contrast * (value - mean)), 0f, 1f);
        for (var i = 0; i < area; i++)
        {
            var gray = Gray(red[i], green[i], blue[i]);
            red[i] = Math.Clamp(gray + (draw.Saturation * (red[i] - gray)), 0f, 1f);
            green[i] = Math.Clamp(gray + (draw.Saturation * (green[i] - gray)), 0f, 1f);
            blue[i] = Math.Clamp(gray + (draw.Saturation * (blue[i] - gray)), 0f, 1f);
        }
    }

    private static float Gray(float red, float green, float blue) => (0.299f * red) + (0.587f * green) + (0.114f * blue);

    /// <summary>What was drawn for one image: whole degrees, cropped parts of the sides, factors.</summary>
    internal sealed record Draw(
        double Degrees, bool Flip, double Zoom, double Left, double Right, double Top, double Bottom, float Brightness, float Contrast, float Saturation)
    {
        private const double Margin = 0.05;

        /// <summary>What leaves an image as it is.</summary>
        internal static Draw Nothing { get; } = new(0, false, 1, 0, 0, 0, 0, 1, 1, 1);

        internal static Draw Paper(Rng rng)
        {
            var degrees = rng.NextInt(360);
            var crop = rng.NextDouble() < 0.4 ? Margin : 0;
            var (left, right, top, bottom) = (rng.NextDouble(0, crop), rng.NextDouble(0, crop), rng.NextDouble(0, crop), rng.NextDouble(0, crop));
            var flip = rng.NextDouble() < 0.5;
            var zoom = rng.NextDouble() < 0.5 ? 0.05 : 0;
            return new Draw(degrees, flip, 1 + rng.NextDouble(0, zoom), left, right, top, bottom, Factor(rng, 0.3), Factor(rng, 0.3), Factor(rng, 0.3));
        }

        internal static Draw Light(Rng rng) =>
            new(rng.NextDouble(-10, 10), rng.NextDouble() < 0.5, 1, 0, 0, 0, 0, Factor(rng, 0.1), Factor(rng, 0.1), Factor(rng, 0.1));

        private static float Factor(Rng rng, double spread) => (float)rng.NextDouble(1 - spread, 1 + spread);
    }
}
