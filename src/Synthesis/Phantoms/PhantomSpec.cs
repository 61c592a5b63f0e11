namespace Factory.Synthesis.Phantoms;

/// <summary>Everything that decides the pixels of one phantom: equal specs give equal bytes.</summary>
public sealed record PhantomSpec
{
    /// <summary>The seed of the collection.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The subject's number, at least 0. Anatomy follows from seed, subject and eye, and is the same in every category and size.</summary>
    public required int Subject { get; init; }

    /// <summary>The eye.</summary>
    public required PhantomEye Eye { get; init; }

    /// <summary>The category index: 0 Normal, 1 DryAmd, 2 Pcv, 3 WetAmd (see <see cref="PhantomCategory"/>).</summary>
    public required int Category { get; init; }

    /// <summary>The modality.</summary>
    public required PhantomModality Modality { get; init; }

    /// <summary>Both sides of the image in pixels, 16 to 4096. Default 256.</summary>
    public int Size { get; init; } = 256;
}
