namespace Factory.Synthesis.Cams.Manipulations;

/// <summary><c>ori</c>: the CAM as it is. Its image is a near copy of a patient's retina: for checking, never for sharing. Source: J-BHI 2022.</summary>
public sealed record Original : Manipulation
{
    /// <inheritdoc/>
    public override string Name => "ori";

    private protected override float[] Change(CamContext source, Rng rng, SortedDictionary<string, double> parameters) => [.. source.Cam.Values];
}

/// <summary><c>flr</c>: all channels flipped left to right. Source: J-BHI 2022.</summary>
public sealed record Flip : Manipulation
{
    /// <inheritdoc/>
    public override string Name => "flr";

    private protected override float[] Change(CamContext source, Rng rng, SortedDictionary<string, double> parameters)
    {
        float[] values = [.. source.Cam.Values];
        for (var row = 0; row < values.Length; row += source.Cam.Width)
            Array.Reverse(values, row, source.Cam.Width);
        return values;
    }
}

/// <summary>
/// <c>trs</c>: the patch with the largest sum in the own category's channel changes places with another, in all channels; it is written last where they
/// overlap. For OCT both are on the same rows. On 14x14 exactly the published 5x5 patches with centres from 3 to 10. Records row, column, targetRow, targetColumn, side.
/// Source: J-BHI 2022.
/// </summary>
public sealed record SwapPeak : Manipulation
{
    /// <inheritdoc/>
    public override string Name => "trs";

    private protected override float[] Change(CamContext source, Rng rng, SortedDictionary<string, double> parameters)
    {
        var grid = new PatchGrid(source.Cam);
        var peak = grid.Peak(source.Cam, source.Category);
        var other = grid.DrawOther(peak, source.HorizontalOnly, rng, Name);
        float[] values = [.. source.Cam.Values];
        peak.Receive(values, source.Cam, other);
        other.Receive(values, source.Cam, peak);
        Record(parameters, peak, other);
        return values;
    }

    internal static void Record(SortedDictionary<string, double> parameters, Patch from, Patch to)
    {
        parameters["row"] = from.Row;
        parameters["column"] = from.Column;
        parameters["targetRow"] = to.Row;
        parameters["targetColumn"] = to.Column;
        parameters["side"] = (2 * from.Radius) + 1;
    }
}
