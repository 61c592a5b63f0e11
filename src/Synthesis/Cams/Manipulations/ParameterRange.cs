namespace Factory.Synthesis.Cams.Manipulations;

/// <summary>The range a manipulation's parameter is drawn from, uniformly.</summary>
/// <param name="Min">Lower end.</param>
/// <param name="Max">Upper end, at least <paramref name="Min"/>; equal ends fix the parameter.</param>
public readonly record struct ParameterRange(double Min, double Max)
{
    /// <summary>Draws a value.</summary>
    /// <param name="rng">The stream to draw from; one number is drawn even where the ends are equal.</param>
    /// <returns>A value in [Min, Max).</returns>
    public double Draw(Rng rng) => rng.NextDouble(Min, Max);
}
