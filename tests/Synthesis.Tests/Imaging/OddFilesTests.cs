using Factory.Synthesis.Imaging;

namespace Factory.Synthesis.Tests.Imaging;

public sealed class OddFilesTests
{
    private static readonly Dictionary<string, RejectionReason> Refused = new()
    {
        ["bad_empty.jpg"] = RejectionReason.Empty,
        ["bad_header_only.jpg"] = RejectionReason.Truncated,
        ["bad_random_bytes.png"] = RejectionReason.NotAnImage,
        ["bad_truncated.png"] = RejectionReason.Truncated,
        ["bad_truncated.tif"] = RejectionReason.Truncated,
        ["bad_truncated_50pct.jpg"] = RejectionReason.Truncated,
        ["format.gif"] = RejectionReason.UnsupportedFormat,
        ["format.webp"] = RejectionReason.UnsupportedFormat,
        ["one_pixel.png"] = RejectionReason.TooSmall,
        ["tiny_31x17.jpg"] = RejectionReason.TooSmall,
    };

    [Fact]
    public void EachFile_IsDecodedOrRefusedForItsReason()
    {
        foreach (var path in Directory.GetFiles(Folder()).Where(path => !path.EndsWith(".csv", StringComparison.Ordinal)))
        {
            var name = Path.GetFileName(path);
            if (name == "bad_corrupt_middle.jpg")
                continue;
            if (Refused.TryGetValue(name, out var reason))
                Should.Throw<ImageRejectedException>(() => Decode(name), name).Reason.ShouldBe(reason, name);
            else
                Should.NotThrow(() => Decode(name), name);
        }
    }

    [Fact]
    public void CmykAndRotatedPhotographs_ShowTheSamePicture()
    {
        var original = Decode("duplicate_a.jpg");
        foreach (var name in new[] { "cmyk_fundus.jpg", "exif_orientation_1.jpg", "exif_orientation_3.jpg", "exif_orientation_6.jpg", "near_duplicate_reencoded.jpg" })
            Pattern.MeanDifference(Decode(name).Pixels, original.Pixels).ShouldBeLessThan(3, name);
    }

    [Fact]
    public void SixteenBitPhotographs_EqualTheirEightBitTwins()
    {
        Decode("gray16_full_range_fundus.png").Pixels.ShouldBe(Decode("gray8_fundus.png").Pixels);
        Decode("rgb16_fundus.png").Pixels.ShouldBe(Decode("rgb8_lzw.tif").Pixels);
    }

    [Fact]
    public void PrivateFields_DoNotSurviveReencoding()
    {
        var image = Decode("exif_private_fields.jpg");
        foreach (var bytes in new[] { ImageEncoder.EncodePng(image), ImageEncoder.EncodeJpeg(image, 90), ImageEncoder.EncodeJpeg(image, 90, ImageMarking.Synthetic) })
        {
            foreach (var secret in new[] { "TESTPATIENT", "99000123", "Testoperator", "Exif" })
                bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(secret)).ShouldBe(-1, secret);
        }
    }

    [Fact]
    public void Crop_OfRealPhotograph_IsSquareAndFull()
    {
        var crop = FieldOfView.Crop(Decode("duplicate_a.jpg"));
        crop.Width.ShouldBe(crop.Height);
        crop.Width.ShouldBeInRange(425, 640);
    }

    private static RgbImage Decode(string name) => ImageDecoder.Decode(File.ReadAllBytes(Path.Combine(Folder(), name)));

    private static string Folder()
    {
        var root = Environment.GetEnvironmentVariable("FACTORY_TEST_DATA");
        Assert.SkipWhen(string.IsNullOrEmpty(root), "FACTORY_TEST_DATA names no folder of real test images.");
        return Path.Combine(root!, "odd-files");
    }
}
