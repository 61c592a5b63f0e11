namespace Factory.Synthesis.Cams.Manipulations;

/// <summary><c>gain</c>: severity. In the own category's channel the distance from the channel's median is multiplied. Records gain.</summary>
public sealed record Gain : Manipulation
{
    /// <summary>Multiplier, at least 0; above 1 the lesion grows stronger. Default 0.7 to 1.5.</summary>
    public ParameterRange Multiplier { get; init; } = new(0.7, 1.5);

    /// <inheritdoc/>
    public override string Name => "gain";

    private protected override float[] Change(CamContext source, Rng rng, SortedDictionary<string, double> parameters)
    {
        var gain = Multiplier.Draw(rng);
        parameters["gain"] = gain;
        float[] values = [.. source.Cam.Values];
        var level = Warp.Background(source.Cam.Channel(source.Category));
        var area = source.Cam.Height * source.Cam.Width;
        foreach (ref var value in values.AsSpan(source.Category * area, area))
            value = (float)(level + (gain * (value - level)));
        return values;
    }
}

/// <summary><c>mix</c>: the weighted mean of two CAMs of one category, all channels. Records weight, the first one's share.</summary>
public sealed record Mix : Manipulation
{
    /// <summary>Share of the first CAM, 0 to 1. Default 0.3 to 0.7.</summary>
    public ParameterRange Weight { get; init; } = new(0.3, 0.7);

    /// <inheritdoc/>
    public override string Name => "mix";

    /// <inheritdoc/>
    public override bool NeedsPartner => true;

    private protected override float[] Change(CamContext source, Rng rng, SortedDictionary<string, double> parameters)
    {
        var weight = Weight.Draw(rng);
        parameters["weight"] = weight;
        return [.. source.Cam.Values.Zip(source.Partner!.Values, (a, b) => (float)((weight * a) + ((1 - weight) * b)))];
    }
}

/// <summary>
/// <c>copy-lesion</c>: the partner's peak patch replaces a patch elsewhere than this CAM's own peak, in all channels; for OCT on the partner's rows.
/// Records row and column of the partner's peak, targetRow, targetColumn and side. Patches are those of <see cref="SwapPeak"/>.
/// </summary>
public sealed record CopyLesion : Manipulation
{
    /// <inheritdoc/>
    public override string Name => "copy-lesion";

    /// <inheritdoc/>
    public override bool NeedsPartner => true;

    private protected override float[] Change(CamContext source, Rng rng, SortedDictionary<string, double> parameters)
    {
        var grid = new PatchGrid(source.Cam);
        var own = grid.Peak(source.Cam, source.Category);
        var lesion = grid.Peak(source.Partner!, source.Category);
        var target = grid.DrawOther(source.HorizontalOnly ? own with { Row = lesion.Row } : own, source.HorizontalOnly, rng, Name);
        float[] values = [.. source.Cam.Values];
        target.Receive(values, source.Partner!, lesion);
        SwapPeak.Record(parameters, lesion, target);
        return values;
    }
}

/// <summary>
/// <c>erase-secondary</c>: in the own category's channel, the strongest patch that does not overlap the peak is set to the channel's median where it is above it.
/// Records row, column and side; erased is 0 where the grid has no such patch and the CAM stays as it is, else 1.
/// </summary>
public sealed record EraseSecondary : Manipulation
{
    /// <inheritdoc/>
    public override string Name => "erase-secondary";

    private protected override float[] Change(CamContext source, Rng rng, SortedDictionary<string, double> parameters)
    {
        var cam = source.Cam;
        var grid = new PatchGrid(cam);
        var peak = grid.Peak(cam, source.Category);
        var apart = grid.All().Where(p => !p.Overlaps(peak)).ToList();
        float[] values = [.. cam.Values];
        parameters["erased"] = apart.Count > 0 ? 1 : 0;
        if (apart.Count == 0)
            return values;

        var second = apart.MaxBy(p => p.Sum(cam.Channel(source.Category), cam.Width));
        var level = Warp.Background(cam.Channel(source.Category));
        for (var i = second.Row - second.Radius; i <= second.Row + second.Radius; i++)
        {
            var start = (((source.Category * cam.Height) + i) * cam.Width) + second.Column - second.Radius;
            foreach (ref var value in values.AsSpan(start, (2 * second.Radius) + 1))
                value = Math.Min(value, level);
        }

        parameters["row"] = second.Row;
        parameters["column"] = second.Column;
        parameters["side"] = (2 * second.Radius) + 1;
        return values;
    }
}
