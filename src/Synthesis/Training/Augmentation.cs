namespace Factory.Synthesis.Training;

/// <summary>How training images are varied.</summary>
public enum Augmentation
{
    /// <summary>
    /// The published one: rotation by 0 to 359 whole degrees with black fill, crop (p 0.4) of up to 5 % a side, horizontal flip (p 0.5),
    /// zoom (p 0.5) by up to 5 %, then brightness, contrast and saturation by factors of 0.7 to 1.3. Source: J-BHI 2022.
    /// </summary>
    Paper,

    /// <summary>Rotation by up to 10 degrees either way, horizontal flip (p 0.5), brightness, contrast and saturation by factors of 0.9 to 1.1.</summary>
    Light,

    /// <summary>None.</summary>
    None,
}
