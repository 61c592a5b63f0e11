namespace Factory.Synthesis.Phantoms;

/// <summary>
/// The depths of the layer boundaries of a B-scan as functions of the lateral position, in canvas units (depth grows downward),
/// built up from Bruch's membrane: what lifts the pigment epithelium lifts everything above it, less and less toward the vitreous.
/// </summary>
internal sealed class OctSurfaces
{
    /// <summary>Number of boundaries <see cref="Boundaries"/> writes: the top of each layer of <see cref="OctPainter"/>'s table.</summary>
    public const int Count = 11;

    private readonly float _fovea;
    private readonly float _tilt;
    private readonly float _bow;
    private readonly float _depth;
    private readonly float _thickness;
    private readonly int _nasalSide;
    private readonly ValueNoise _ripple;
    private readonly OctLesions _lesions;

    public OctSurfaces(PhantomAnatomy eye, OctLesions lesions)
    {
        var rng = new Rng(eye.TissueSeed);
        _fovea = (float)rng.NextDouble(-0.14, 0.14);
        _tilt = (float)rng.NextDouble(-0.1, 0.1);
        _bow = (float)rng.NextDouble(-0.02, 0.13);
        _depth = (float)rng.NextDouble(0.22, 0.36);
        _thickness = (float)rng.NextDouble(0.92, 1.1);
        _nasalSide = eye.NasalSide;
        _ripple = new ValueNoise(rng.NextUInt64());
        _lesions = lesions;
    }

    /// <summary>Depth of Bruch's membrane, which no lesion here moves.</summary>
    public float Bruch(float u) => _depth + (_tilt * u) - (_bow * u * u) + (0.006f * _ripple.At(u * 5, 3));

    /// <summary>Depth of the top of the pigment epithelium.</summary>
    public float Epithelium(float u) => Bruch(u) - 0.05f - _lesions.Elevation(u);

    /// <summary>Writes the top of each layer at a lateral position, from the vitreous down to the choroid.</summary>
    public void Boundaries(float u, Span<float> tops)
    {
        var pit = MathF.Exp(-Squared((u - _fovea) / 0.17f));
        var rim = 1 + (0.13f * MathF.Exp(-Squared((Math.Abs(u - _fovea) - 0.36f) / 0.16f)));
        var inner = _thickness * rim * (1 - (0.94f * pit));
        var nerve = (0.045f + (0.05f * Math.Max(0, _nasalSide * (u - _fovea)))) * (1 - (0.97f * pit)) * _thickness;
        var outer = _thickness * (0.125f + (0.075f * pit));
        var epithelium = Epithelium(u);
        tops[10] = Bruch(u) + 0.012f;
        tops[9] = Bruch(u) - 0.006f;
        tops[8] = epithelium + 0.048f;
        tops[7] = epithelium;
        tops[6] = epithelium - 0.022f - _lesions.Fluid(u);
        tops[5] = tops[6] - 0.03f;
        // The inner retina bridges narrow bumps instead of following them; where it would touch one, it is pushed up gently.
        var bridge = Bruch(u) - 0.102f - outer - (0.75f * BroadElevation(u)) - _lesions.Fluid(u);
        tops[4] = SmoothMinimum(bridge, tops[5] - 0.035f);
        tops[3] = tops[4] - (0.035f * inner) - 0.006f;
        tops[2] = tops[3] - (0.065f * inner);
        tops[1] = tops[2] - (0.15f * inner);
        tops[0] = tops[1] - nerve - 0.004f + (0.004f * _ripple.At(u * 9, 11));
    }

    /// <summary>The elevation averaged over its neighborhood with a bell-shaped weight.</summary>
    private float BroadElevation(float u)
    {
        const int taps = 10;
        var (sum, total) = (0f, 0f);
        for (var i = -taps; i <= taps; i++)
        {
            var weight = MathF.Exp(-4f * i * i / (taps * taps));
            sum += weight * _lesions.Elevation(u + (0.26f * i / taps));
            total += weight;
        }
        return sum / total;
    }

    private static float SmoothMinimum(float a, float b)
    {
        const float blend = 0.03f;
        var least = Math.Min(a, b);
        return least - (blend * MathF.Log(MathF.Exp((least - a) / blend) + MathF.Exp((least - b) / blend)));
    }

    private static float Squared(float value) => value * value;
}
