namespace Factory.Synthesis.Cams.Manipulations;

/// <summary><c>shift</c>: moves all channels, bilinearly; cells that come in from outside take the channel's median. Records rows and columns, in cells.</summary>
public sealed record Shift : Manipulation
{
    /// <summary>Movement as a fraction of the grid's side, drawn for each direction; rows stay for OCT. Default -0.15 to 0.15.</summary>
    public ParameterRange Fraction { get; init; } = new(-0.15, 0.15);

    /// <inheritdoc/>
    public override string Name => "shift";

    private protected override float[] Change(CamContext source, Rng rng, SortedDictionary<string, double> parameters)
    {
        var columns = Fraction.Draw(rng) * source.Cam.Width;
        var rows = source.HorizontalOnly ? 0 : Fraction.Draw(rng) * source.Cam.Height;
        parameters["columns"] = columns;
        parameters["rows"] = rows;
        return Warp.Apply(source.Cam, (i, j) => (i - rows, j - columns));
    }
}

/// <summary><c>rotate</c>: turns all channels about the grid's centre, bilinearly; corners take the channel's median. Not for OCT. Records degrees.</summary>
public sealed record Rotate : Manipulation
{
    /// <summary>Angle in degrees, counterclockwise as seen. Default -15 to 15.</summary>
    public ParameterRange Degrees { get; init; } = new(-15, 15);

    /// <inheritdoc/>
    public override string Name => "rotate";

    /// <inheritdoc/>
    public override bool KeepsRows => false;

    private protected override float[] Change(CamContext source, Rng rng, SortedDictionary<string, double> parameters)
    {
        var degrees = Degrees.Draw(rng);
        parameters["degrees"] = degrees;
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        var (y, x) = ((source.Cam.Height - 1) / 2.0, (source.Cam.Width - 1) / 2.0);
        return Warp.Apply(source.Cam, (i, j) => (y + (cos * (i - y)) + (sin * (j - x)), x - (sin * (i - y)) + (cos * (j - x))));
    }
}

/// <summary><c>scale</c>: zooms all channels about the grid's centre, bilinearly; for OCT along rows only. Records factor.</summary>
public sealed record Scale : Manipulation
{
    /// <summary>Zoom; above 1 lesions grow. Both ends above 0. Default 0.9 to 1.15.</summary>
    public ParameterRange Factor { get; init; } = new(0.9, 1.15);

    /// <inheritdoc/>
    public override string Name => "scale";

    private protected override float[] Change(CamContext source, Rng rng, SortedDictionary<string, double> parameters)
    {
        var factor = Factor.Draw(rng);
        parameters["factor"] = factor;
        var (y, x) = ((source.Cam.Height - 1) / 2.0, (source.Cam.Width - 1) / 2.0);
        return Warp.Apply(source.Cam, (i, j) => (source.HorizontalOnly ? i : y + ((i - y) / factor), x + ((j - x) / factor)));
    }
}
