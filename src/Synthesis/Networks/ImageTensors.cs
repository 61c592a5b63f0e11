using System.Runtime.InteropServices;
using Factory.Synthesis.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Networks;

/// <summary>Between 8-bit RGB images and the float tensors the networks see.</summary>
public static class ImageTensors
{
    /// <summary>Stacks images of one size: v / 255, then (x - 0.5) / 0.5.</summary>
    /// <param name="images">At least one image; all of one size.</param>
    /// <param name="device">Where the result lies. Default the CPU.</param>
    /// <returns>Float [N, 3, h, w] in [-1, 1]; the caller, or its dispose scope, disposes it.</returns>
    /// <exception cref="ArgumentException">There is no image, or the sizes differ.</exception>
    public static Tensor ToTensor(IReadOnlyList<RgbImage> images, Device? device = null)
    {
        if (images.Count == 0)
            throw new ArgumentException("A batch needs at least one image.", nameof(images));
        var (width, height) = (images[0].Width, images[0].Height);
        var batch = torch.empty([images.Count, 3, height, width], ScalarType.Float32);
        var values = MemoryMarshal.Cast<byte, float>(batch.bytes);
        var area = width * height;
        for (var n = 0; n < images.Count; n++)
        {
            if (images[n].Width != width || images[n].Height != height)
                throw new ArgumentException($"Image {n} is {images[n].Width}x{images[n].Height}, the first of the batch {width}x{height}.", nameof(images));
            var plane = values.Slice(n * 3 * area, 3 * area);
            var pixels = images[n].Pixels;
            for (var i = 0; i < pixels.Length; i++)
                plane[((i % 3) * area) + (i / 3)] = Scaled[pixels[i]];
        }

        return OnDevice(batch, device);
    }

    /// <summary>
    /// Turns network output into images: v = (x * 0.5 + 0.5) * 255 in float, clamped to 0..255 and rounded to the nearest whole number,
    /// halves away from zero. Not-a-number becomes an error, never a pixel.
    /// </summary>
    /// <param name="batch">Float [N, 3, h, w], nominally in [-1, 1].</param>
    /// <returns>N images.</returns>
    /// <exception cref="ArgumentException">The shape is not [N, 3, h, w], or a value is not finite.</exception>
    public static RgbImage[] ToImages(Tensor batch)
    {
        if (batch.dim() != 4 || batch.shape[1] != 3)
            throw new ArgumentException($"Images need shape [N, 3, h, w], got [{string.Join(", ", batch.shape)}].", nameof(batch));
        using var scope = NewDisposeScope();
        var (count, height, width) = ((int)batch.shape[0], (int)batch.shape[2], (int)batch.shape[3]);
        var values = MemoryMarshal.Cast<byte, float>(batch.detach().to(ScalarType.Float32).cpu().contiguous().bytes);
        var images = new RgbImage[count];
        var area = width * height;
        for (var n = 0; n < count; n++)
        {
            var pixels = new byte[area * 3];
            var plane = values.Slice(n * 3 * area, 3 * area);
            for (var i = 0; i < pixels.Length; i++)
                pixels[i] = ToByte(plane[((i % 3) * area) + (i / 3)]);
            images[n] = new RgbImage(width, height, pixels);
        }

        return images;
    }

    /// <summary>The value of each 8-bit level as the networks see it.</summary>
    internal static float[] Scaled { get; } = [.. Enumerable.Range(0, 256).Select(v => ((v / 255f) - 0.5f) / 0.5f)];

    internal static Tensor OnDevice(Tensor tensor, Device? device)
    {
        if (device is null || device.type == DeviceType.CPU)
            return tensor;
        using (tensor)
            return tensor.to(device);
    }

    private static byte ToByte(float value)
    {
        if (!float.IsFinite(value))
            throw new ArgumentException("A generated pixel is not a finite number: the network's weights have diverged.");
        return (byte)Math.Clamp(MathF.Round(((value * 0.5f) + 0.5f) * 255f, MidpointRounding.AwayFromZero), 0f, 255f);
    }
}
