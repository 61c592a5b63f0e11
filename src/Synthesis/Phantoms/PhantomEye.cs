namespace Factory.Synthesis.Phantoms;

/// <summary>Which eye a phantom shows: it decides on which side of the macula the optic disc lies.</summary>
public enum PhantomEye
{
    /// <summary>The left eye (OS): the disc lies left of the macula.</summary>
    Left,

    /// <summary>The right eye (OD): the disc lies right of the macula.</summary>
    Right,
}
