namespace Factory.Synthesis.Imaging;

/// <summary>A grid of images with a title, a caption over each column and one beside each row, drawn dark on white to look at or to print.</summary>
public sealed class ContactSheet
{
    private const int Gap = 8;
    private const int Margin = 20;

    private readonly string _title;
    private readonly IReadOnlyList<string> _columns;
    private readonly int _cell;
    private readonly List<(string Caption, IReadOnlyList<RgbImage?> Cells)> _rows = [];

    /// <summary>Starts a sheet without rows.</summary>
    /// <param name="title">The line at the top; empty for none.</param>
    /// <param name="columns">One caption a column, at least one; empty texts are allowed.</param>
    /// <param name="cellSize">The longer side of a cell in pixels, at least 16. Default 256.</param>
    /// <exception cref="ArgumentException">There is no column.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The cell is smaller than 16 pixels.</exception>
    public ContactSheet(string title, IReadOnlyList<string> columns, int cellSize = 256)
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentOutOfRangeException.ThrowIfLessThan(cellSize, 16);
        if (columns.Count == 0)
            throw new ArgumentException("A contact sheet needs at least one column.", nameof(columns));
        (_title, _columns, _cell) = (title, columns, cellSize);
    }

    private float FontSize => Math.Clamp(_cell / 11f, 11, 24);

    /// <summary>Adds a row at the bottom.</summary>
    /// <param name="caption">The text beside the row; line breaks are kept.</param>
    /// <param name="cells">At most one image a column, from the left; null leaves a cell empty. Images are scaled to fit and keep their proportions: small ones by whole factors without smoothing, others bicubic.</param>
    /// <exception cref="ArgumentException">There are more cells than columns.</exception>
    public void AddRow(string caption, IReadOnlyList<RgbImage?> cells)
    {
        ArgumentNullException.ThrowIfNull(caption);
        ArgumentNullException.ThrowIfNull(cells);
        if (cells.Count > _columns.Count)
            throw new ArgumentException($"The sheet has {_columns.Count} columns, the row {cells.Count} cells.", nameof(cells));
        _rows.Add((caption, cells));
    }

    /// <summary>Draws the sheet.</summary>
    /// <returns>A new image.</returns>
    public RgbImage Render()
    {
        using var pen = new SheetPen(FontSize);
        var left = Margin + (int)Math.Ceiling(_rows.Select(row => pen.Width(row.Caption)).DefaultIfEmpty(0).Max());
        left += left > Margin ? Gap * 2 : 0;
        var columnWidth = (int)Math.Max(_cell, Math.Ceiling(_columns.Max(pen.Width)));
        var titleHeight = _title.Length == 0 ? 0 : pen.TitleLineHeight + Gap;
        var top = Margin + titleHeight + (_columns.All(c => c.Length == 0) ? 0 : pen.LineHeight + Gap);
        var contentWidth = left + (_columns.Count * (columnWidth + Gap)) - Gap;
        var width = Margin + Math.Max(contentWidth, Margin + (int)Math.Ceiling(pen.TitleWidth(_title)));
        pen.Start(width, top + (_rows.Count * (_cell + Gap)) - (_rows.Count > 0 ? Gap : 0) + Margin);
        pen.Title(_title, Margin, Margin);
        for (var c = 0; c < _columns.Count; c++)
            pen.Centered(_columns[c], left + (c * (columnWidth + Gap)) + (columnWidth / 2f), top - Gap - pen.LineHeight);
        for (var r = 0; r < _rows.Count; r++)
            pen.RightAligned(_rows[r].Caption, left - (Gap * 2), top + (r * (_cell + Gap)) + (_cell / 2f));
        var sheet = pen.Finish();
        for (var r = 0; r < _rows.Count; r++)
            PlaceRow(sheet, _rows[r].Cells, left, top + (r * (_cell + Gap)), columnWidth);
        return sheet;
    }

    /// <summary>Draws the sheet as a PNG.</summary>
    /// <param name="marking">What the file says about its origin; nothing by default.</param>
    /// <returns>The file's bytes.</returns>
    public byte[] ToPng(ImageMarking marking = ImageMarking.None) => ImageEncoder.EncodePng(Render(), marking);

    private void PlaceRow(RgbImage sheet, IReadOnlyList<RgbImage?> cells, int left, int top, int columnWidth)
    {
        for (var c = 0; c < cells.Count; c++)
        {
            if (cells[c] is not { } cell)
                continue;
            var scaled = Fit(cell);
            var x = left + (c * (columnWidth + Gap)) + ((columnWidth - scaled.Width) / 2);
            Paste(sheet, scaled, x, top + ((_cell - scaled.Height) / 2));
        }
    }

    private RgbImage Fit(RgbImage image)
    {
        var longer = Math.Max(image.Width, image.Height);
        var factor = _cell / longer;
        if (factor >= 2)
            return Enlarge(image, factor);
        var scale = (double)_cell / longer;
        return PilResize.Bicubic(image, Math.Max((int)Math.Round(image.Width * scale), 1), Math.Max((int)Math.Round(image.Height * scale), 1));
    }

    private static RgbImage Enlarge(RgbImage image, int factor)
    {
        var result = new RgbImage(image.Width * factor, image.Height * factor);
        for (var i = 0; i < result.Width * result.Height; i++)
        {
            var from = (i / result.Width / factor * image.Width) + (i % result.Width / factor);
            image.Pixels.AsSpan(from * 3, 3).CopyTo(result.Pixels.AsSpan(i * 3));
        }
        return result;
    }

    private static void Paste(RgbImage sheet, RgbImage cell, int x, int y)
    {
        for (var row = 0; row < cell.Height; row++)
            cell.Pixels.AsSpan(row * cell.Width * 3, cell.Width * 3).CopyTo(sheet.Pixels.AsSpan((((y + row) * sheet.Width) + x) * 3));
    }
}
