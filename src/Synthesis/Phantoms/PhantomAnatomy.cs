namespace Factory.Synthesis.Phantoms;

/// <summary>What a subject's eye looks like before any disease, and where a disease would strike it. Positions are in canvas units, -1 to 1.</summary>
internal sealed record PhantomAnatomy
{
    private PhantomAnatomy()
    {
    }

    /// <summary>1 where the disc lies right of the macula (right eye), else -1.</summary>
    public required int NasalSide { get; init; }

    public required (float X, float Y) Disc { get; init; }

    public required float DiscRadius { get; init; }

    public required (float X, float Y) Macula { get; init; }

    /// <summary>0 blond to 1 dark fundus.</summary>
    public required float Pigmentation { get; init; }

    /// <summary>Brightness of the exposure, about 1.</summary>
    public required float Exposure { get; init; }

    /// <summary>Center of the lesions: anywhere in the posterior pole but on the disc.</summary>
    public required (float X, float Y) Lesion { get; init; }

    /// <summary>Seed of the vessel tree.</summary>
    public required ulong VesselSeed { get; init; }

    /// <summary>Seed of texture and of the layers of an OCT.</summary>
    public required ulong TissueSeed { get; init; }

    /// <summary>Seed of the shapes of the lesions.</summary>
    public required ulong LesionSeed { get; init; }

    public static PhantomAnatomy Of(PhantomSpec spec)
    {
        var root = Rng.Mix(Rng.Mix(spec.Seed + 0x9E3779B97F4A7C15) ^ ((ulong)(uint)spec.Subject << 1) ^ (ulong)spec.Eye);
        var rng = new Rng(root);
        var side = spec.Eye == PhantomEye.Right ? 1 : -1;
        float Uniform(double min, double max) => (float)rng.NextDouble(min, max);
        var disc = (X: side * Uniform(0.46, 0.58), Y: Uniform(-0.08, 0.06));
        var macula = (X: -side * Uniform(0.02, 0.12), Y: Uniform(0, 0.09));
        return new PhantomAnatomy
        {
            NasalSide = side,
            Disc = disc,
            DiscRadius = Uniform(0.115, 0.145),
            Macula = macula,
            Pigmentation = Uniform(0, 1),
            Exposure = Uniform(0.92, 1.08),
            Lesion = LesionCenter(rng, macula, disc),
            VesselSeed = rng.NextUInt64(),
            TissueSeed = rng.NextUInt64(),
            LesionSeed = rng.NextUInt64(),
        };
    }

    private static (float X, float Y) LesionCenter(Rng rng, (float X, float Y) macula, (float X, float Y) disc)
    {
        while (true)
        {
            var radius = 0.55 * Math.Sqrt(rng.NextDouble());
            var (sin, cos) = Math.SinCos(rng.NextDouble(0, Math.Tau));
            var (x, y) = (macula.X + (float)(radius * cos), macula.Y + (float)(radius * sin));
            if (MathF.Sqrt(Square(x - disc.X) + Square(y - disc.Y)) > 0.36f)
                return (x, y);
        }
    }

    private static float Square(float value) => value * value;
}
