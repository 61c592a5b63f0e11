using Factory.Synthesis.Imaging;

namespace Factory.Synthesis.Tests.Imaging;

public sealed class ContactSheetTests
{
    [Fact]
    public void Sheet_ShowsCellsAndInk()
    {
        var sheet = new ContactSheet("Title", ["left", "right"], cellSize: 64);
        var red = new RgbImage(32, 32, [.. Enumerable.Range(0, 32 * 32 * 3).Select(i => (byte)(i % 3 == 0 ? 255 : 0))]);
        sheet.AddRow("row", [red, null]);
        var image = sheet.Render();
        var pixels = image.Pixels.Chunk(3).ToArray();
        pixels.Count(p => p is [255, 0, 0]).ShouldBe(64 * 64);
        pixels.Count(p => p[0] < 60 && p[1] < 60 && p[2] < 60).ShouldBeGreaterThan(30);
        sheet.Render().Pixels.ShouldBe(image.Pixels);
        ImageDecoder.Decode(sheet.ToPng()).Pixels.ShouldBe(image.Pixels);
    }

    [Fact]
    public void Captions_WidenTheSheet()
    {
        var narrow = new ContactSheet("", ["a"], 64);
        narrow.AddRow("", [null]);
        var wide = new ContactSheet("", ["a"], 64);
        wide.AddRow("a rather long caption", [null]);
        wide.Render().Width.ShouldBeGreaterThan(narrow.Render().Width + 60);
    }

    [Fact]
    public void OblongImages_KeepTheirProportions()
    {
        var sheet = new ContactSheet("", [""], 60);
        sheet.AddRow("", [new RgbImage(90, 45)]);
        sheet.Render().Pixels.Chunk(3).Count(p => p is [0, 0, 0]).ShouldBe(60 * 30);
    }

    [Fact]
    public void RowLongerThanTheColumns_IsRefused() =>
        Should.Throw<ArgumentException>(() => new ContactSheet("", ["one"]).AddRow("", [null, null])).Message.ShouldContain("1 columns, the row 2 cells");
}
