namespace Factory.Synthesis.Phantoms;

/// <summary>Smooth random fields over the plane that depend on position alone, so that a phantom looks the same at every size.</summary>
internal sealed class ValueNoise(ulong seed)
{
    /// <summary>One octave: values at integer positions, smoothly joined. In [-1, 1].</summary>
    public float At(float x, float y)
    {
        var (left, top) = ((int)MathF.Floor(x), (int)MathF.Floor(y));
        var (u, v) = (Smooth(x - left), Smooth(y - top));
        return float.Lerp(
            float.Lerp(Lattice(left, top), Lattice(left + 1, top), u),
            float.Lerp(Lattice(left, top + 1), Lattice(left + 1, top + 1), u),
            v);
    }

    /// <summary>Several octaves, each twice as fine and half as strong. In [-1, 1], mostly within a third of it.</summary>
    public float Fractal(float x, float y, int octaves)
    {
        var (sum, strength, total) = (0f, 1f, 0f);
        for (var octave = 0; octave < octaves; octave++)
        {
            sum += strength * At(x + (octave * 17.3f), y - (octave * 9.1f));
            total += strength;
            strength *= 0.5f;
            // Twice as fine and turned by 37 degrees, so that the octaves' grids do not line up.
            (x, y) = ((1.6f * x) + (1.2f * y), (1.6f * y) - (1.2f * x));
        }
        return sum / total;
    }

    /// <summary>The value at one lattice point, uniform in [-1, 1): white noise.</summary>
    public float Lattice(int x, int y)
    {
        var bits = Rng.Mix(seed ^ ((ulong)(uint)x << 32 | (uint)y));
        return ((bits >> 40) * (2f / (1 << 24))) - 1;
    }

    private static float Smooth(float t) => t * t * (3 - (2 * t));
}
