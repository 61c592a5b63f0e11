using Factory.Synthesis.Imaging;

namespace Factory.Synthesis.Tests.Imaging;

public sealed class ImageEncoderTests
{
    [Theory]
    [InlineData(ImageMarking.None)]
    [InlineData(ImageMarking.Synthetic)]
    public void Png_KeepsPixelsAndMarking(ImageMarking marking)
    {
        var image = Pattern.Rough(70, 65);
        var png = ImageEncoder.EncodePng(image, marking);
        ImageDecoder.Decode(png).Pixels.ShouldBe(image.Pixels);
        ImageMarkingReader.Read(png).ShouldBe(marking);
        ImageEncoder.EncodePng(image, marking).ShouldBe(png);
    }

    [Theory]
    [InlineData(ImageMarking.None)]
    [InlineData(ImageMarking.Synthetic)]
    public void Jpeg_KeepsMarkingAndNearlyThePixels(ImageMarking marking)
    {
        var image = Pattern.Smooth(96, 72);
        var jpeg = ImageEncoder.EncodeJpeg(image, 95, marking);
        Pattern.MeanDifference(ImageDecoder.Decode(jpeg).Pixels, image.Pixels).ShouldBeLessThan(1.5);
        ImageMarkingReader.Read(jpeg).ShouldBe(marking);
        ImageEncoder.EncodeJpeg(image, 95, marking).ShouldBe(jpeg);
    }

    [Fact]
    public void Png_HoldsNoChunkBesideImageAndMarking()
    {
        Chunks(ImageEncoder.EncodePng(Pattern.Smooth(96, 72))).Distinct().ShouldBeSubsetOf(["IHDR", "sBIT", "IDAT", "IEND"]);
        var marked = Chunks(ImageEncoder.EncodePng(Pattern.Smooth(96, 72), ImageMarking.Synthetic));
        marked.IndexOf("iTXt").ShouldBeInRange(1, marked.IndexOf("IDAT") - 1);
        marked.Count(c => c is "iTXt").ShouldBe(1);
        marked.ShouldNotContain("eXIf");
    }

    [Fact]
    public void Marking_NamesTheIptcSourceType()
    {
        foreach (var bytes in new[] { ImageEncoder.EncodePng(Pattern.Smooth(96, 72), ImageMarking.Synthetic), ImageEncoder.EncodeJpeg(Pattern.Smooth(96, 72), 90, ImageMarking.Synthetic) })
        {
            var text = System.Text.Encoding.UTF8.GetString(bytes);
            text.ShouldContain("Iptc4xmpExt:DigitalSourceType=\"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia\"");
            text.ShouldContain("http://iptc.org/std/Iptc4xmpExt/2008-02-29/");
        }
    }

    [Fact]
    public void Marking_OfOtherFiles_IsRefused() =>
        Should.Throw<ImageRejectedException>(() => ImageMarkingReader.Read(Pattern.Bytes("rgb.bmp")));

    [Fact]
    public void GrayPng_HasOneChannelAndKeepsItsPlane()
    {
        var plane = Pattern.RoughPlane(80, 70);
        var png = ImageEncoder.EncodeGrayPng(plane, 70, 80);
        png[25].ShouldBe((byte)0); // PNG color type 0: grey.
        Pattern.RedOf(ImageDecoder.Decode(png)).ShouldBe(plane);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Planes_ComeBackAsTheyWere(int count)
    {
        var planes = Enumerable.Range(0, count * 14 * 9).Select(i => (byte)(i * 31)).ToArray();
        var (decoded, height, width) = PlanesPng.Decode(ImageEncoder.EncodePlanesPng(planes, count, 14, 9), count);
        (height, width).ShouldBe((14, 9));
        decoded.ShouldBe(planes);
    }

    [Fact]
    public void WrongLengths_AreRefusedByName()
    {
        Should.Throw<ArgumentException>(() => ImageEncoder.EncodePlanesPng(new byte[10], 3, 2, 2)).Message.ShouldContain("[3, 2, 2] need 12 bytes, got 10");
        Should.Throw<ArgumentException>(() => new RgbImage(2, 2, new byte[11])).Message.ShouldContain("needs 12 bytes, got 11");
        Should.Throw<ArgumentOutOfRangeException>(() => ImageEncoder.EncodeJpeg(Pattern.Smooth(8, 8), 0));
    }

    private static List<string> Chunks(byte[] png)
    {
        var names = new List<string>();
        for (var at = 8; at < png.Length;)
        {
            names.Add(System.Text.Encoding.ASCII.GetString(png, at + 4, 4));
            at += 12 + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
        }
        return names;
    }
}
