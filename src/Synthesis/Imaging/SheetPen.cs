using SkiaSharp;

namespace Factory.Synthesis.Imaging;

/// <summary>Writes the captions of a contact sheet in the embedded DejaVu Sans: the image libraries' Linux build finds no system fonts.</summary>
internal sealed class SheetPen : IDisposable
{
    private const string FontResource = "Factory.Synthesis.DejaVuSans-Latin.ttf";

    private readonly SKTypeface _typeface;
    private readonly SKFont _font;
    private readonly SKFont _titleFont;
    private readonly SKPaint _ink = new() { Color = new SKColor(24, 24, 28), IsAntialias = true };
    private SKBitmap? _bitmap;
    private SKCanvas? _canvas;

    public SheetPen(float size)
    {
        using var stream = typeof(SheetPen).Assembly.GetManifestResourceStream(FontResource)
            ?? throw new InvalidOperationException($"The assembly lacks the embedded font {FontResource}.");
        using var data = SKData.Create(stream);
        _typeface = SKTypeface.FromData(data, 0);
        _font = Font(size);
        _titleFont = Font(size * 1.4f);
    }

    public int LineHeight => (int)Math.Ceiling(_font.Spacing);

    public int TitleLineHeight => (int)Math.Ceiling(_titleFont.Spacing);

    private SKCanvas Canvas => _canvas ?? throw new InvalidOperationException("Start the sheet before writing on it.");

    public float Width(string text) => text.Split('\n').Max(line => _font.MeasureText(line, _ink));

    public float TitleWidth(string text) => _titleFont.MeasureText(text, _ink);

    public void Start(int width, int height)
    {
        _bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        _canvas = new SKCanvas(_bitmap);
        _canvas.Clear(SKColors.White);
    }

    public void Title(string text, float left, float top) =>
        Canvas.DrawText(text, left, top - _titleFont.Metrics.Ascent, SKTextAlign.Left, _titleFont, _ink);

    public void Centered(string text, float center, float top) =>
        Canvas.DrawText(text, center, top - _font.Metrics.Ascent, SKTextAlign.Center, _font, _ink);

    public void RightAligned(string text, float right, float middle)
    {
        var lines = text.Split('\n');
        var top = middle - (lines.Length * _font.Spacing / 2);
        foreach (var line in lines)
        {
            Canvas.DrawText(line, right, top - _font.Metrics.Ascent, SKTextAlign.Right, _font, _ink);
            top += _font.Spacing;
        }
    }

    public RgbImage Finish()
    {
        Canvas.Flush();
        var bitmap = _bitmap!;
        var rgba = bitmap.GetPixelSpan();
        var image = new RgbImage(bitmap.Width, bitmap.Height);
        for (int from = 0, to = 0; to < image.Pixels.Length; from += 4, to += 3)
            (image.Pixels[to], image.Pixels[to + 1], image.Pixels[to + 2]) = (rgba[from], rgba[from + 1], rgba[from + 2]);
        return image;
    }

    public void Dispose()
    {
        _canvas?.Dispose();
        _bitmap?.Dispose();
        _ink.Dispose();
        _titleFont.Dispose();
        _font.Dispose();
        _typeface.Dispose();
    }

    private SKFont Font(float size) => new(_typeface, size) { Edging = SKFontEdging.Antialias, Hinting = SKFontHinting.None, Subpixel = true };
}
