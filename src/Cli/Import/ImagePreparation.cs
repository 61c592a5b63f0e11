using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Synthesis.Imaging;

namespace Factory.Cli.Import;

/// <summary>Makes the prepared image of a source file: decoded, preprocessed and encoded anew from its pixels, so that no metadata survives.</summary>
internal sealed class ImagePreparation
{
    // Counts up when the decoder or a filter of ours gives other pixels for the same file.
    private const int Revision = 1;

    private readonly Preprocessing _preprocessing;
    private readonly DecodeLimits _limits;

    /// <summary>Settles what is done to every image.</summary>
    public ImagePreparation(Preprocessing preprocessing, DecodeLimits limits) => (_preprocessing, _limits) = (preprocessing, limits);

    /// <summary>SHA-256 of what decides the prepared bytes beside the source: steps that apply to the modality, limits, decoder.</summary>
    public Sha256Digest KeyOf(Modality modality) => Sha256Digest.Of(JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            preprocessing = StepsOf(modality),
            modality,
            limits = _limits,
            revision = Revision,
            skia = typeof(SkiaSharp.SKCodec).Assembly.GetName().Version?.ToString(),
        },
        ContractJson.Options));

    /// <summary>Makes the PNG of one file.</summary>
    /// <param name="bytes">The whole source file.</param>
    /// <param name="modality">Its modality.</param>
    /// <exception cref="ImageRejectedException">The file is no usable image.</exception>
    public (byte[] Png, int Width, int Height) Prepare(byte[] bytes, Modality modality)
    {
        RgbImage image = ImageDecoder.Decode(bytes, _limits);
        Preprocessing steps = StepsOf(modality);
        if (steps.CropFieldOfView) image = FieldOfView.Crop(image);
        if (steps.Clahe) image = Clahe.Apply(image);
        if (steps.Median) image = MedianFilter.Apply(image);
        if (steps.Size is { } size) image = PilResize.Bicubic(image, size, size);
        return (ImageEncoder.EncodePng(image), image.Width, image.Height);
    }

    /// <summary>SHA-256 of what decides the bytes of a prepared mask beside the mask and its image.</summary>
    public Sha256Digest MaskKeyOf(Modality modality) => Sha256Digest.Of(Encoding.ASCII.GetBytes($"lesion mask {KeyOf(modality)}"));

    /// <summary>What masks of an image have to fit, and how they are cut.</summary>
    /// <param name="source">The whole file of the image.</param>
    /// <param name="modality">Its modality.</param>
    /// <exception cref="ImageRejectedException">The file is no usable image.</exception>
    public ImageFrame FrameOf(byte[] source, Modality modality)
    {
        RgbImage image = ImageDecoder.Decode(source, _limits);
        return new(image.Width, image.Height, StepsOf(modality).CropFieldOfView ? FieldOfView.Find(image) : null);
    }

    /// <summary>Makes the PNG of one lesion mask.</summary>
    /// <param name="mask">The whole file of the mask.</param>
    /// <param name="frame">That of its image.</param>
    /// <exception cref="ImageRejectedException">The mask is no usable image, or not of the image's size.</exception>
    public (byte[] Png, int Width, int Height) PrepareMask(byte[] mask, ImageFrame frame)
    {
        RgbImage lesions = ImageDecoder.Decode(mask, _limits);
        if ((lesions.Width, lesions.Height) != (frame.Width, frame.Height))
        {
            throw new ImageRejectedException(RejectionReason.Corrupt, $"it is {lesions.Width}x{lesions.Height}, its image {frame.Width}x{frame.Height}; a mask is of its image's size");
        }
        return LesionMask.Prepare(lesions, frame.Cut, _preprocessing.Size);
    }

    // A B-scan has no lit disc, and CLAHE and median belong to one modality each.
    private Preprocessing StepsOf(Modality modality) => modality == Modality.Cfp
        ? _preprocessing with { Median = false }
        : _preprocessing with { CropFieldOfView = false, Clahe = false };

    /// <summary>SHA-256 of a file, read as a stream.</summary>
    public static async Task<Sha256Digest> DigestAsync(string path, CancellationToken cancellationToken)
    {
        await using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        return Sha256Digest.FromHash(await SHA256.HashDataAsync(stream, cancellationToken));
    }

    /// <summary>The kind of a refusal, in words.</summary>
    public static string KindOf(RejectionReason reason) => reason switch
    {
        RejectionReason.Empty => "empty file",
        RejectionReason.NotAnImage => "not an image",
        RejectionReason.UnsupportedFormat => "format not read",
        RejectionReason.Animated => "several frames",
        RejectionReason.TooManyPixels => "too large",
        RejectionReason.TooSmall => "too small",
        RejectionReason.Truncated => "truncated",
        _ => "damaged",
    };
}

/// <summary>The frame of an image that lesion masks lie in.</summary>
/// <param name="Width">Width of the image file in pixels.</param>
/// <param name="Height">Its height.</param>
/// <param name="Cut">The square that is cut out of it; null where none is.</param>
internal sealed record ImageFrame(int Width, int Height, (int Left, int Top, int Side)? Cut);
