namespace Factory.Synthesis.Phantoms;

/// <summary>The categories a phantom can show, in the index order of the default category list.</summary>
public enum PhantomCategory
{
    /// <summary>Healthy: anatomy and nothing else.</summary>
    Normal,

    /// <summary>Dry AMD: drusen.</summary>
    DryAmd,

    /// <summary>Polypoidal choroidal vasculopathy: orange nodules, sharp domes under the pigment epithelium.</summary>
    Pcv,

    /// <summary>Wet AMD: hemorrhage and exudates, fluid under and in the retina.</summary>
    WetAmd,
}
