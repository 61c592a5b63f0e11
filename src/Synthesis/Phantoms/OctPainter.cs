namespace Factory.Synthesis.Phantoms;

/// <summary>Paints an OCT B-scan: vitreous, the layers of the retina with the foveal pit, choroid, lesions, vessel shadows and speckle.</summary>
internal sealed class OctPainter
{
    private const float Vitreous = 14;

    // Grey of each layer from the top: nerve fibers, ganglion cells and inner plexiform, inner nuclear, outer plexiform, outer nuclear,
    // ellipsoid zone, fluid or outer segments, epithelium, space under it, Bruch's membrane, choroid.
    private static readonly float[] Levels = [188, 128, 84, 134, 62, 204, 112, 236, 112, 170, 112];
    private const float Fluid = 12;
    private const int FluidLayer = 6;
    private const int BelowEpithelium = 8;

    private readonly PhantomCanvas _canvas;
    private readonly PhantomCategory _category;
    private readonly OctLesions _lesions;
    private readonly OctSurfaces _surfaces;
    private readonly ValueNoise _noise;
    private readonly (float Center, float Width, float Strength)[] _shadows;

    private OctPainter(PhantomCanvas canvas, PhantomAnatomy eye, PhantomCategory category)
    {
        (_canvas, _category) = (canvas, category);
        _lesions = new OctLesions(eye, category);
        _surfaces = new OctSurfaces(eye, _lesions);
        _noise = new ValueNoise(Rng.Mix(eye.TissueSeed + 1));
        var rng = new Rng(eye.VesselSeed);
        _shadows = [.. Enumerable.Range(0, 4).Select(_ => ((float)rng.NextDouble(-0.95, 0.95), (float)rng.NextDouble(0.012, 0.03), (float)rng.NextDouble(0.2, 0.4)))];
    }

    public static void Paint(PhantomCanvas canvas, PhantomAnatomy eye, PhantomCategory category)
    {
        var painter = new OctPainter(canvas, eye, category);
        for (var x = 0; x < canvas.Size; x++)
            painter.PaintColumn(x);
        painter.PaintSpots();
        painter.ApplySpeckle(eye.Exposure);
    }

    private void PaintColumn(int x)
    {
        var u = _canvas.Coordinate(x);
        Span<float> tops = stackalloc float[OctSurfaces.Count];
        _surfaces.Boundaries(u, tops);
        var (fluid, elevation) = (_lesions.Fluid(u), _lesions.Elevation(u));
        var shadow = _shadows.Select(s => s.Strength * MathF.Exp(-((u - s.Center) / s.Width) * ((u - s.Center) / s.Width))).Sum();
        Span<float> levels = stackalloc float[Levels.Length];
        Levels.CopyTo(levels);
        levels[FluidLayer] = float.Lerp(levels[FluidLayer], Fluid, Math.Clamp(fluid / 0.03f, 0, 1));
        levels[BelowEpithelium] = _category == PhantomCategory.Pcv ? 46 : 124;
        for (var y = 0; y < _canvas.Size; y++)
        {
            var v = _canvas.Coordinate(y);
            var level = Level(u, v, tops, levels);
            level *= 1 - (shadow * Step(v, tops[1], 0.05f));
            _canvas.Set(x, y, new Tint(level, level, level));
            if (fluid > 0.02f && v > tops[FluidLayer] && v < tops[7])
                _canvas.MarkLesion(x, y, 1);
            if (elevation > 0.02f && v > tops[7] && v < tops[9])
                _canvas.MarkLesion(x, y, 1);
        }
    }

    private float Level(float u, float v, ReadOnlySpan<float> tops, ReadOnlySpan<float> levels)
    {
        var (level, above) = (Vitreous, Vitreous);
        for (var layer = 0; layer < levels.Length; layer++)
        {
            level += (levels[layer] - above) * Step(v, tops[layer], 0.012f);
            above = levels[layer];
        }
        var depth = v - tops[^1];
        if (depth <= 0)
            return level;
        // Choroidal vessels are dark islands; light fades with depth into the sclera.
        var vessels = 1 + (0.75f * _noise.Fractal(u * 7, v * 11, 3));
        return level * float.Lerp(1, vessels, Math.Min(depth / 0.04f, 1)) * MathF.Exp(-depth / 0.34f);
    }

    private void PaintSpots()
    {
        foreach (var spot in _lesions.Spots)
        {
            var depth = _surfaces.Epithelium(spot.Center) + spot.Below;
            var reach = Math.Max(spot.HalfWidth, spot.HalfHeight) + (2 * _canvas.Pixel);
            _canvas.Paint(spot.Center, depth, reach, new Tint(spot.Level, spot.Level, spot.Level), (dx, dy) =>
            {
                var radius = MathF.Sqrt((dx * dx / (spot.HalfWidth * spot.HalfWidth)) + (dy * dy / (spot.HalfHeight * spot.HalfHeight)));
                return 0.92f * _canvas.Inside((radius - 1) * Math.Min(spot.HalfWidth, spot.HalfHeight), 0.016f);
            }, lesion: true);
        }
    }

    private void ApplySpeckle(float exposure)
    {
        for (var y = 0; y < _canvas.Size; y++)
        {
            for (var x = 0; x < _canvas.Size; x++)
            {
                // Sideways neighbors share part of their speckle, as they do in a scan.
                var speckle = (0.65f * _noise.Lattice(x, y)) + (0.35f * _noise.Lattice(x + 1, y));
                var tint = _canvas.Get(x, y) * (exposure * (1 + (0.3f * speckle)));
                var floor = 5 * _noise.Lattice(x + 31, y + 17);
                _canvas.Set(x, y, new Tint(tint.R + floor, tint.G + floor, tint.B + floor));
            }
        }
    }

    private float Step(float v, float top, float softness)
    {
        var t = Math.Clamp(((v - top) / Math.Max(softness, _canvas.Pixel)) + 0.5f, 0, 1);
        return t * t * (3 - (2 * t));
    }
}
