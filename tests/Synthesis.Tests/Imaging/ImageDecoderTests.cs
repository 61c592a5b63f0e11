using Factory.Synthesis.Imaging;

namespace Factory.Synthesis.Tests.Imaging;

public sealed class ImageDecoderTests
{
    [Theory]
    [InlineData("rgb.bmp")]
    [InlineData("rgb_lzw.tif")]
    [InlineData("rgb16.png")]
    [InlineData("rgb16.tif")]
    public void LosslessFormats_GiveTheirPixels(string fixture) =>
        Pattern.Decoded(fixture).Pixels.ShouldBe(Pattern.Smooth(96, 72).Pixels);

    [Theory]
    [InlineData("baseline.jpg", 2.0)]
    [InlineData("progressive.jpg", 2.0)]
    [InlineData("cmyk.jpg", 3.0)]
    [InlineData("cmyk.tif", 3.0)]
    public void LossyFormats_LookLikeTheOriginal(string fixture, double tolerance) =>
        Pattern.MeanDifference(Pattern.Decoded(fixture).Pixels, Pattern.Smooth(96, 72).Pixels).ShouldBeLessThan(tolerance);

    [Theory]
    [InlineData("gray16.png")]
    [InlineData("gray16.tif")]
    public void SixteenBitGray_KeepsTheUpperByteInThreeChannels(string fixture)
    {
        var red = Pattern.RedOf(Pattern.Smooth(96, 72));
        Pattern.Decoded(fixture).Pixels.ShouldBe(red.SelectMany(v => new[] { v, v, v }));
    }

    [Fact]
    public void GrayJpeg_HasThreeEqualChannels() =>
        Pattern.Decoded("gray.jpg").Pixels.Chunk(3).ShouldAllBe(p => p[0] == p[1] && p[1] == p[2]);

    [Fact]
    public void Alpha_IsCompositedOverBlack()
    {
        var image = Pattern.Decoded("rgba.png");
        var opaque = Pattern.Smooth(96, 72);
        image.Pixels.Take(48 * 3).ShouldBe(opaque.Pixels.Take(48 * 3));
        image.Pixels.Skip(48 * 3).Take(48 * 3).ShouldAllBe(v => v == 0);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void ExifOrientation_IsApplied(int orientation)
    {
        var image = Pattern.Decoded($"orientation_{orientation}.jpg");
        (image.Width, image.Height).ShouldBe((96, 72));
        Pattern.MeanDifference(image.Pixels, Pattern.Smooth(96, 72).Pixels).ShouldBeLessThan(2);
    }

    [Theory]
    [InlineData("still.gif", RejectionReason.UnsupportedFormat)]
    [InlineData("still.webp", RejectionReason.UnsupportedFormat)]
    [InlineData("animated.gif", RejectionReason.Animated)]
    [InlineData("animated.png", RejectionReason.Animated)]
    [InlineData("two_pages.tif", RejectionReason.Animated)]
    public void WhatIsNotOneStillPicture_IsRejected(string fixture, RejectionReason reason) =>
        Rejection(Pattern.Bytes(fixture)).Reason.ShouldBe(reason);

    [Fact]
    public void EmptyAndForeignBytes_AreRejected()
    {
        Rejection([]).Reason.ShouldBe(RejectionReason.Empty);
        Rejection([.. Enumerable.Range(0, 500).Select(i => (byte)(i * 37))]).Reason.ShouldBe(RejectionReason.NotAnImage);
        Rejection("BM is how this text starts, and it is no bitmap"u8.ToArray()).Reason.ShouldBe(RejectionReason.NotAnImage);
    }

    [Theory]
    [InlineData("baseline.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("rgb16.png")]
    [InlineData("rgb.bmp")]
    [InlineData("rgb_lzw.tif")]
    [InlineData("gray16.tif")]
    public void CutFile_IsRejectedWhereverItIsCut(string fixture)
    {
        var whole = Pattern.Bytes(fixture);
        foreach (var percent in new[] { 5, 25, 50, 75, 90, 99 })
        {
            var rejection = Rejection(whole[..(whole.Length * percent / 100)]);
            rejection.Reason.ShouldBeOneOf(RejectionReason.Truncated, RejectionReason.Corrupt);
            rejection.Message.ShouldNotContain('\n');
        }
    }

    [Fact]
    public void ChangedByte_InPng_FailsItsChecksum()
    {
        var png = Pattern.Bytes("rgb16.png");
        png[png.Length / 2] ^= 1;
        Rejection(png).Reason.ShouldBe(RejectionReason.Corrupt);
    }

    [Fact]
    public void DamagedFiles_NeverEscapeAsOtherExceptions()
    {
        var rng = new Rng(11);
        foreach (var fixture in new[] { "baseline.jpg", "progressive.jpg", "cmyk.jpg", "gray16.png", "rgb.bmp", "rgb_lzw.tif", "gray16.tif", "two_pages.tif", "animated.gif" })
        {
            for (var trial = 0; trial < 60; trial++)
            {
                var bytes = Pattern.Bytes(fixture);
                for (var change = 0; change < 4; change++)
                    bytes[rng.NextInt(trial % 2 == 0 ? Math.Min(400, bytes.Length) : bytes.Length)] = (byte)rng.NextInt(256);
                try
                {
                    ImageDecoder.Decode(bytes, Pattern.AnySize);
                }
                catch (ImageRejectedException)
                {
                    // Either outcome is right; any other exception fails the test.
                }
            }
        }
    }

    [Fact]
    public void HugeSizeInHeader_IsRefusedBeforeAllocation()
    {
        var png = Pattern.Bytes("rgb16.png");
        new byte[] { 0, 0, 0x9C, 0x40, 0, 0, 0x9C, 0x40 }.CopyTo(png, 16);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Rejection(png).Reason.ShouldBe(RejectionReason.TooManyPixels);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1 << 20);

        var jpeg = Pattern.Bytes("baseline.jpg");
        var frame = jpeg.AsSpan().IndexOf(new byte[] { 0xFF, 0xC0 });
        new byte[] { 0x9C, 0x40, 0x9C, 0x40 }.CopyTo(jpeg, frame + 5);
        Rejection(jpeg).Reason.ShouldBe(RejectionReason.TooManyPixels);
    }

    [Fact]
    public void Limits_AreHonored()
    {
        var bytes = Pattern.Bytes("rgb.bmp");
        Should.Throw<ImageRejectedException>(() => ImageDecoder.Decode(bytes, new DecodeLimits { MinSide = 73 })).Reason.ShouldBe(RejectionReason.TooSmall);
        Should.Throw<ImageRejectedException>(() => ImageDecoder.Decode(bytes, new DecodeLimits { MaxPixels = 6000 })).Reason.ShouldBe(RejectionReason.TooManyPixels);
        Should.Throw<ImageRejectedException>(() => ImageDecoder.Decode(bytes, new DecodeLimits { MaxBytes = 6000 })).Reason.ShouldBe(RejectionReason.TooManyPixels);
        ImageDecoder.Decode(bytes).Width.ShouldBe(96);
    }

    private static ImageRejectedException Rejection(byte[] bytes) =>
        Should.Throw<ImageRejectedException>(() => ImageDecoder.Decode(bytes, Pattern.AnySize));
}
