namespace Factory.Synthesis.Phantoms;

/// <summary>What each disease does to the layers of a B-scan: how far it lifts the pigment epithelium and how much fluid it puts above it.</summary>
internal sealed class OctLesions
{
    private readonly List<(float Center, float Width, float Height, float Power)> _lifts = [];
    private readonly List<(float Center, float Width, float Height)> _pools = [];
    private readonly List<OctSpot> _spots = [];

    public OctLesions(PhantomAnatomy eye, PhantomCategory category)
    {
        var rng = new Rng(eye.LesionSeed);
        // The same place as in the photograph, kept inside the scan.
        Center = Math.Clamp(eye.Lesion.X, -0.6f, 0.6f);
        if (category == PhantomCategory.DryAmd)
            AddDrusen(rng);
        else if (category == PhantomCategory.Pcv)
            AddDomes(rng);
        else if (category == PhantomCategory.WetAmd)
            AddFluid(rng);
    }

    public float Center { get; }

    /// <summary>Dark or bright bodies to be painted over the layers; depths are relative to the epithelium at their position.</summary>
    public IReadOnlyList<OctSpot> Spots => _spots;

    /// <summary>How far the epithelium stands above its place, at least 0.</summary>
    public float Elevation(float u)
    {
        var highest = 0f;
        foreach (var (center, width, height, power) in _lifts)
        {
            var t = Math.Abs((u - center) / width);
            highest = Math.Max(highest, height * Math.Max(0, 1 - MathF.Pow(t, power)));
        }
        return highest;
    }

    /// <summary>The height of the fluid between epithelium and photoreceptors, at least 0.</summary>
    public float Fluid(float u)
    {
        var total = 0f;
        foreach (var (center, width, height) in _pools)
        {
            var t = (u - center) / width;
            total += height * MathF.Pow(Math.Max(0, 1 - (t * t)), 1.3f);
        }
        return total;
    }

    private void AddDrusen(Rng rng)
    {
        var count = 5 + rng.NextInt(3);
        for (var i = 0; i < count; i++)
        {
            // Spread evenly with jitter, so that drusen stand side by side instead of melting into one dome.
            var place = Center + (((i - ((count - 1) / 2f)) * 0.155f) + Uniform(rng, -0.03, 0.03));
            _lifts.Add((place, Uniform(rng, 0.055, 0.085), Uniform(rng, 0.07, 0.125), 2));
        }
    }

    private void AddDomes(Rng rng)
    {
        var side = rng.NextInt(2) == 0 ? 1 : -1;
        var (width, height) = (Uniform(rng, 0.15, 0.19), Uniform(rng, 0.34, 0.42));
        _lifts.Add((Center, width, height, 3.2f));
        var small = Center + (side * (width + Uniform(rng, 0.13, 0.17)));
        var (smallWidth, smallHeight) = (Uniform(rng, 0.085, 0.11), Uniform(rng, 0.17, 0.22));
        _lifts.Add((small, smallWidth, smallHeight, 3.2f));
        _lifts.Add(((Center + small) / 2, 0.42f, 0.05f, 6));
        // Polyps hang under the top of each dome: a bright wall around a dark lumen.
        AddPolyp(Center, width * 0.42f, 0.15f);
        AddPolyp(small, smallWidth * 0.5f, 0.105f);
    }

    private void AddPolyp(float center, float radius, float below)
    {
        _spots.Add(new OctSpot(center, below, radius, radius, 172));
        _spots.Add(new OctSpot(center, below, radius * 0.55f, radius * 0.55f, 58));
    }

    private void AddFluid(Rng rng)
    {
        _pools.Add((Center, Uniform(rng, 0.34, 0.42), Uniform(rng, 0.15, 0.2)));
        _lifts.Add((Center + Uniform(rng, -0.08, 0.08), Uniform(rng, 0.15, 0.2), Uniform(rng, 0.05, 0.08), 2));
        var count = 4 + rng.NextInt(3);
        for (var i = 0; i < count; i++)
        {
            var place = Center + (((i - ((count - 1) / 2f)) * 0.125f) + Uniform(rng, -0.025, 0.025));
            var above = 0.16f + Fluid(place) + (0.4f * Elevation(place)) + Uniform(rng, -0.02, 0.09);
            _spots.Add(new OctSpot(place, -above, Uniform(rng, 0.03, 0.06), Uniform(rng, 0.028, 0.055), 16));
        }
    }

    private static float Uniform(Rng rng, double min, double max) => (float)rng.NextDouble(min, max);
}

/// <summary>An elliptic body in a B-scan: lateral center, depth below the epithelium there (negative is above), half axes, grey level.</summary>
internal readonly record struct OctSpot(float Center, float Below, float HalfWidth, float HalfHeight, float Level);
