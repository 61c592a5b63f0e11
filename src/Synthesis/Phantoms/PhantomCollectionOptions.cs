namespace Factory.Synthesis.Phantoms;

/// <summary>What a phantom collection holds. Equal options give equal bytes.</summary>
public sealed record PhantomCollectionOptions
{
    /// <summary>Number of subjects, two eyes each, 1 to 9999. Default 48.</summary>
    public int Subjects { get; init; } = 48;

    /// <summary>Both sides of every image in pixels, 16 to 4096. Default 256.</summary>
    public int Size { get; init; } = 256;

    /// <summary>Seed of everything random. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The modalities drawn of every eye, without repeats. Default both.</summary>
    public IReadOnlyList<PhantomModality> Modalities { get; init; } = [PhantomModality.Cfp, PhantomModality.Oct];
}
