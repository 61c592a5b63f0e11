namespace Factory.Synthesis.Cams.Manipulations;

/// <summary>A square of cells around a centre.</summary>
/// <param name="Row">Row of the centre.</param>
/// <param name="Column">Column of the centre.</param>
/// <param name="Radius">Cells from the centre to each side: the patch is 2 * Radius + 1 wide.</param>
internal readonly record struct Patch(int Row, int Column, int Radius)
{
    internal bool Overlaps(Patch other) =>
        Math.Abs(Row - other.Row) <= Radius + other.Radius && Math.Abs(Column - other.Column) <= Radius + other.Radius;

    internal double Sum(ReadOnlySpan<float> channel, int width)
    {
        double sum = 0;
        for (var i = Row - Radius; i <= Row + Radius; i++)
        {
            for (var j = Column - Radius; j <= Column + Radius; j++)
                sum += channel[(i * width) + j];
        }

        return sum;
    }

    /// <summary>Writes the patch of <paramref name="from"/> over this patch, in all channels.</summary>
    internal void Receive(float[] target, Cam from, Patch origin)
    {
        for (var c = 0; c < from.K; c++)
        {
            for (var i = -Radius; i <= Radius; i++)
            {
                for (var j = -Radius; j <= Radius; j++)
                    target[(((c * from.Height) + Row + i) * from.Width) + Column + j] = from[c, origin.Row + i, origin.Column + j];
            }
        }
    }
}

/// <summary>
/// The patch size and the centres allowed on a grid. On 14x14 the published ones: 5x5, rows and columns 3 to 10.
/// Elsewhere the side is the odd number nearest to 5/14 of the shorter side, and centres stay a cell off the border where two of them still fit.
/// </summary>
internal sealed class PatchGrid
{
    private readonly int _radius;
    private readonly (int First, int Count) _rows;
    private readonly (int First, int Count) _columns;

    internal PatchGrid(Cam cam)
    {
        _radius = Math.Min(cam.Height, cam.Width) * 5 / 28;
        _rows = Centres(cam.Height);
        _columns = Centres(cam.Width);
    }

    internal IEnumerable<Patch> All() =>
        from row in Enumerable.Range(_rows.First, _rows.Count)
        from column in Enumerable.Range(_columns.First, _columns.Count)
        select new Patch(row, column, _radius);

    /// <summary>The patch with the largest sum; the first in row-major order where several have it.</summary>
    internal Patch Peak(Cam cam, int category) => All().Aggregate((best, next) =>
        next.Sum(cam.Channel(category), cam.Width) > best.Sum(cam.Channel(category), cam.Width) ? next : best);

    /// <summary>A uniform draw among the other patches, of the same row where rows are kept.</summary>
    internal Patch DrawOther(Patch peak, bool horizontalOnly, Rng rng, string manipulation)
    {
        if (_columns.Count * (horizontalOnly ? 1 : _rows.Count) < 2)
            throw new ManipulationException($"{manipulation}: the grid is too small to move a {(2 * _radius) + 1}x{(2 * _radius) + 1} patch; use a classifier with a finer CAM.");
        while (true)
        {
            var row = horizontalOnly ? peak.Row : _rows.First + rng.NextInt(_rows.Count);
            var drawn = peak with { Row = row, Column = _columns.First + rng.NextInt(_columns.Count) };
            if (drawn != peak)
                return drawn;
        }
    }

    private (int First, int Count) Centres(int side)
    {
        var margin = _radius + 1;
        return side - (2 * margin) >= 2 ? (margin, side - (2 * margin)) : (_radius, side - (2 * _radius));
    }
}
