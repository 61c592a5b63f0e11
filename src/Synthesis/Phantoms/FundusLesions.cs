namespace Factory.Synthesis.Phantoms;

/// <summary>Paints what each disease shows in a fundus photograph.</summary>
internal sealed class FundusLesions
{
    private static readonly Tint Druse = new(255, 226, 122);
    private static readonly Tint Exudate = new(255, 244, 160);
    private static readonly Tint Blood = new(88, 8, 12);
    private static readonly Tint FreshBlood = new(134, 16, 18);
    private static readonly Tint Polyp = new(246, 66, 10);
    private static readonly Tint Rim = new(66, 6, 10);
    private static readonly Tint Glow = new(255, 176, 84);
    private static readonly Tint Serous = new(104, 96, 70);

    private readonly PhantomCanvas _canvas;
    private readonly PhantomAnatomy _eye;
    private readonly Rng _rng;

    private FundusLesions(PhantomCanvas canvas, PhantomAnatomy eye) =>
        (_canvas, _eye, _rng) = (canvas, eye, new Rng(eye.LesionSeed));

    public static void Paint(PhantomCanvas canvas, PhantomAnatomy eye, PhantomCategory category)
    {
        var lesions = new FundusLesions(canvas, eye);
        if (category == PhantomCategory.DryAmd)
            lesions.PaintDrusen();
        else if (category == PhantomCategory.Pcv)
            lesions.PaintPolyps();
        else if (category == PhantomCategory.WetAmd)
            lesions.PaintHemorrhage();
    }

    private void PaintDrusen()
    {
        var count = 26 + _rng.NextInt(16);
        for (var i = 0; i < count; i++)
        {
            var (x, y) = Scatter(0.12);
            Dot(x, y, Uniform(0.016, 0.04), Druse, 0.92f, softness: 0.016f);
        }
    }

    private void PaintPolyps()
    {
        var (x, y) = _eye.Lesion;
        Blob(x, y, 0.27f, Serous, 0.82f, softness: 0.07f, roughness: 0.18f, lesion: true);
        var count = 3 + _rng.NextInt(3);
        var heading = Uniform(0, Math.Tau);
        (x, y) = (x - (0.09f * MathF.Cos(heading)), y - (0.09f * MathF.Sin(heading)));
        for (var i = 0; i < count; i++)
        {
            var radius = Uniform(0.062, 0.088);
            Dot(x, y, radius * 1.3f, Rim, 0.85f, softness: 0.03f);
            Dot(x, y, radius, Polyp, 0.97f, softness: 0.014f);
            Dot(x - (radius * 0.25f), y - (radius * 0.3f), radius * 0.42f, Glow, 0.85f, softness: 0.03f);
            heading += Uniform(-1.3, 1.3);
            (x, y) = (x + (radius * 2.3f * MathF.Cos(heading)), y + (radius * 2.3f * MathF.Sin(heading)));
        }
    }

    private void PaintHemorrhage()
    {
        var (x, y) = _eye.Lesion;
        var radius = Uniform(0.15, 0.21);
        Blob(x, y, radius * 1.12f, FreshBlood, 0.85f, softness: 0.05f, roughness: 0.34f, lesion: true);
        Blob(x, y, radius * 0.9f, Blood, 0.9f, softness: 0.05f, roughness: 0.34f, lesion: true);
        var satellites = 2 + _rng.NextInt(3);
        for (var i = 0; i < satellites; i++)
        {
            var (dx, dy) = Polar(radius * Uniform(1.2, 1.6));
            Blob(x + dx, y + dy, Uniform(0.025, 0.05), Blood, 0.88f, softness: 0.02f, roughness: 0.3f, lesion: true);
        }
        PaintExudates(x, y, radius);
    }

    /// <summary>Bright hard flecks along part of a ring around the blood.</summary>
    private void PaintExudates(float x, float y, float radius)
    {
        var from = Uniform(0, Math.Tau);
        var count = 16 + _rng.NextInt(10);
        for (var i = 0; i < count; i++)
        {
            var angle = from + Uniform(0, 2.6);
            var away = radius * Uniform(1.3, 1.75);
            Dot(x + (away * MathF.Cos(angle)), y + (away * MathF.Sin(angle)), Uniform(0.012, 0.026), Exudate, 0.95f, softness: 0.006f);
        }
    }

    private void Dot(float x, float y, float radius, Tint tint, float opacity, float softness)
    {
        var stretch = Uniform(0.8, 1.25);
        _canvas.Paint(x, y, (radius * 1.4f) + softness + _canvas.Pixel, tint, (dx, dy) => opacity * _canvas.Inside(MathF.Sqrt((dx * dx * stretch) + (dy * dy / stretch)) - radius, softness), lesion: true);
    }

    /// <summary>A disc with an irregular edge.</summary>
    private void Blob(float x, float y, float radius, Tint tint, float opacity, float softness, float roughness, bool lesion)
    {
        var edge = new ValueNoise(Rng.Mix(_eye.LesionSeed + 5));
        _canvas.Paint(
            x,
            y,
            (radius * (1 + roughness)) + softness + _canvas.Pixel,
            tint,
            (dx, dy) => opacity * _canvas.Inside(MathF.Sqrt((dx * dx) + (dy * dy)) - (radius * (1 + (2 * roughness * edge.Fractal((x + dx) * 7, (y + dy) * 7, 3)))), softness),
            lesion);
    }

    private (float X, float Y) Scatter(double spread) =>
        (_eye.Lesion.X + (float)(spread * _rng.NextGaussian()), _eye.Lesion.Y + (float)(spread * _rng.NextGaussian()));

    private (float X, float Y) Polar(float radius)
    {
        var angle = Uniform(0, Math.Tau);
        return (radius * MathF.Cos(angle), radius * MathF.Sin(angle));
    }

    private float Uniform(double min, double max) => (float)_rng.NextDouble(min, max);
}
