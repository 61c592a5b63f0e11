using System.Runtime.InteropServices;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Cams;

/// <summary>What a generator sees of a CAM: uint8 [K-1, h, w], a channel a category other than the background. Immutable by convention.</summary>
public sealed class ConditionMap
{
    private const double Steepness = 0.1;

    /// <summary>Wraps values.</summary>
    /// <param name="channels">K - 1, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="values">channels * height * width bytes, row-major; kept, not copied.</param>
    /// <exception cref="ArgumentException">A size is too small or the length does not match.</exception>
    public ConditionMap(int channels, int height, int width, byte[] values)
    {
        if (channels < 1 || height < 1 || width < 1)
            throw new ArgumentException($"A condition map of [{channels}, {height}, {width}] is too small, expected at least [1, 1, 1].");
        if (values.LongLength != (long)channels * height * width)
            throw new ArgumentException($"A condition map of [{channels}, {height}, {width}] needs {(long)channels * height * width} bytes, got {values.Length}.", nameof(values));
        (Channels, Height, Width, Values) = (channels, height, width, values);
    }

    /// <summary>Number of channels, K - 1.</summary>
    public int Channels { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>The values [K-1, h, w], row-major. Not to be written to: a condition map is shared.</summary>
    public byte[] Values { get; }

    /// <summary>
    /// Squashes a CAM: v = 255 * sigmoid(0.1 * M), truncated to a byte (a CAM of 0 gives 127), the background's channel left out.
    /// Source: Wang et al., J-BHI 2022 (arXiv 2012.01879).
    /// </summary>
    /// <param name="cam">The CAM [K, h, w].</param>
    /// <param name="backgroundCategory">Index of the healthy category, 0 to K - 1. Default 0.</param>
    /// <returns>The map [K-1, h, w], channels in category order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The background is not a category.</exception>
    public static ConditionMap FromCam(Cam cam, int backgroundCategory = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(backgroundCategory);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(backgroundCategory, cam.K);
        var area = cam.Height * cam.Width;
        var values = new byte[(cam.K - 1) * area];
        var position = 0;
        for (var category = 0; category < cam.K; category++)
        {
            if (category == backgroundCategory)
                continue;
            foreach (var m in cam.Channel(category))
                values[position++] = (byte)(255 / (1 + Math.Exp(-Steepness * m)));
        }

        return new ConditionMap(cam.K - 1, cam.Height, cam.Width, values);
    }

    /// <summary>Resizes each channel by Pillow-equal bicubic.</summary>
    /// <param name="size">Side of the square result in pixels, at least 1.</param>
    /// <returns>A map [K-1, size, size].</returns>
    public ConditionMap Resize(int size)
    {
        var values = new byte[Channels * size * size];
        for (var c = 0; c < Channels; c++)
        {
            var plane = Values.AsSpan(c * Height * Width, Height * Width);
            PilResize.Bicubic(plane, Height, Width, size, size).CopyTo(values, c * size * size);
        }

        return new ConditionMap(Channels, size, size, values);
    }

    /// <summary>Stacks maps of one shape as the generator sees them: v / 255, then (x - 0.5) / 0.5.</summary>
    /// <param name="maps">At least one map; all of one shape.</param>
    /// <param name="device">Where the result lies. Default the CPU.</param>
    /// <returns>Float [N, K-1, h, w] in [-1, 1]; the caller, or its dispose scope, disposes it.</returns>
    /// <exception cref="ArgumentException">There is no map, or the shapes differ.</exception>
    public static Tensor ToTensor(IReadOnlyList<ConditionMap> maps, Device? device = null)
    {
        if (maps.Count == 0)
            throw new ArgumentException("A batch needs at least one condition map.", nameof(maps));
        var first = maps[0];
        var batch = torch.empty([maps.Count, first.Channels, first.Height, first.Width], ScalarType.Float32);
        var values = MemoryMarshal.Cast<byte, float>(batch.bytes);
        var position = 0;
        foreach (var map in maps)
        {
            if (map.Channels != first.Channels || map.Height != first.Height || map.Width != first.Width)
                throw new ArgumentException($"A condition map is [{map.Channels}, {map.Height}, {map.Width}], the first of the batch [{first.Channels}, {first.Height}, {first.Width}].", nameof(maps));
            foreach (var value in map.Values)
                values[position++] = ImageTensors.Scaled[value];
        }

        return ImageTensors.OnDevice(batch, device);
    }
}
