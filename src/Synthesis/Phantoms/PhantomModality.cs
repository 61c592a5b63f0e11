namespace Factory.Synthesis.Phantoms;

/// <summary>What kind of image a phantom imitates.</summary>
public enum PhantomModality
{
    /// <summary>A color fundus photograph.</summary>
    Cfp,

    /// <summary>One B-scan of optical coherence tomography, grey.</summary>
    Oct,
}
