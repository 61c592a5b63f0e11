namespace Factory.Synthesis.Phantoms;

/// <summary>
/// Draws phantoms: invented eyes, made by formula from a seed, whose categories a person tells apart at a glance. They stand in for
/// patients' images in demonstrations and tests, come with the truth about their lesions, and imitate no real person's eye.
/// </summary>
public static class PhantomRenderer
{
    /// <summary>Draws one phantom.</summary>
    /// <param name="spec">What to draw.</param>
    /// <returns>The image and the mask of its lesions; the same bytes for the same spec.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value of the spec is outside its range.</exception>
    public static Phantom Draw(PhantomSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentOutOfRangeException.ThrowIfNegative(spec.Subject, nameof(spec.Subject));
        ArgumentOutOfRangeException.ThrowIfLessThan(spec.Size, 16, nameof(spec.Size));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(spec.Size, 4096, nameof(spec.Size));
        ArgumentOutOfRangeException.ThrowIfNegative(spec.Category, nameof(spec.Category));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(spec.Category, (int)PhantomCategory.WetAmd, nameof(spec.Category));
        var canvas = new PhantomCanvas(spec.Size);
        var eye = PhantomAnatomy.Of(spec);
        if (spec.Modality == PhantomModality.Cfp)
            FundusPainter.Paint(canvas, eye, (PhantomCategory)spec.Category);
        else
            OctPainter.Paint(canvas, eye, (PhantomCategory)spec.Category);
        return canvas.Finish();
    }
}
