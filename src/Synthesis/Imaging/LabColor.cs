namespace Factory.Synthesis.Imaging;

/// <summary>
/// Converts between 8-bit sRGB and 8-bit CIE LAB (D65; L scaled from [0, 100] to [0, 255], a and b offset by 128) as OpenCV's
/// <c>COLOR_RGB2LAB</c> does: 12-bit matrix, tables for the gamma and the cube root forward, real numbers backward.
/// </summary>
internal static class LabColor
{
    private const int MatrixBits = 12;
    private const int GammaBits = 3;
    private const int RootBits = MatrixBits + GammaBits;
    private const int InverseSteps = 1 << 14;
    private const double WhiteX = 0.950456;
    private const double WhiteZ = 1.088754;

    // Rows X, Y, Z of the sRGB matrix divided by the white point, in 12-bit fixed point.
    private static readonly int[] Matrix =
    [
        Fixed(0.412453 / WhiteX), Fixed(0.357580 / WhiteX), Fixed(0.180423 / WhiteX),
        Fixed(0.212671), Fixed(0.715160), Fixed(0.072169),
        Fixed(0.019334 / WhiteZ), Fixed(0.119193 / WhiteZ), Fixed(0.950227 / WhiteZ),
    ];

    private static readonly int[] Linear = [.. Enumerable.Range(0, 256).Select(i => (int)Math.Round((255 << GammaBits) * Decode(i / 255.0)))];
    private static readonly int[] Root = [.. Enumerable.Range(0, (256 * 3 / 2) << GammaBits).Select(i => (int)Math.Round((1 << RootBits) * CubeRoot(i / (double)(255 << GammaBits))))];
    private static readonly byte[] Encoded = [.. Enumerable.Range(0, InverseSteps + 1).Select(i => (byte)Math.Round(255 * Encode((double)i / InverseSteps)))];

    /// <summary>Converts interleaved RGB to interleaved LAB, in a new array.</summary>
    public static byte[] FromRgb(ReadOnlySpan<byte> rgb)
    {
        const int lightnessScale = ((116 * 255) + 50) / 100;
        const int lightnessShift = -(((16 * 255 * (1 << RootBits)) + 50) / 100);
        const int center = 128 << RootBits;
        var lab = new byte[rgb.Length];
        for (var i = 0; i < rgb.Length; i += 3)
        {
            var (r, g, b) = (Linear[rgb[i]], Linear[rgb[i + 1]], Linear[rgb[i + 2]]);
            var x = Root[Descale((r * Matrix[0]) + (g * Matrix[1]) + (b * Matrix[2]), MatrixBits)];
            var y = Root[Descale((r * Matrix[3]) + (g * Matrix[4]) + (b * Matrix[5]), MatrixBits)];
            var z = Root[Descale((r * Matrix[6]) + (g * Matrix[7]) + (b * Matrix[8]), MatrixBits)];
            lab[i] = Clip(Descale((lightnessScale * y) + lightnessShift, RootBits));
            lab[i + 1] = Clip(Descale((500 * (x - y)) + center, RootBits));
            lab[i + 2] = Clip(Descale((200 * (y - z)) + center, RootBits));
        }
        return lab;
    }

    /// <summary>Converts interleaved LAB to interleaved RGB, in a new array; colors outside sRGB are clipped.</summary>
    public static byte[] ToRgb(ReadOnlySpan<byte> lab)
    {
        var rgb = new byte[lab.Length];
        for (var i = 0; i < lab.Length; i += 3)
        {
            var lightness = lab[i] * (100 / 255.0);
            var fy = lightness <= 8 ? (7.787 * lightness / 903.3) + (16 / 116.0) : (lightness + 16) / 116;
            var y = lightness <= 8 ? lightness / 903.3 : fy * fy * fy;
            var x = WhiteX * Cube(((lab[i + 1] - 128) / 500.0) + fy);
            var z = WhiteZ * Cube(fy - ((lab[i + 2] - 128) / 200.0));
            rgb[i] = Gamma((3.240479 * x) - (1.537150 * y) - (0.498535 * z));
            rgb[i + 1] = Gamma((-0.969256 * x) + (1.875991 * y) + (0.041556 * z));
            rgb[i + 2] = Gamma((0.055648 * x) - (0.204043 * y) + (1.057311 * z));
        }
        return rgb;
    }

    private static int Fixed(double value) => (int)Math.Round(value * (1 << MatrixBits));

    private static int Descale(int value, int bits) => (value + (1 << (bits - 1))) >> bits;

    private static byte Clip(int value) => (byte)Math.Clamp(value, 0, 255);

    private static byte Gamma(double linear) => Encoded[(int)((Math.Clamp(linear, 0, 1) * InverseSteps) + 0.5)];

    private static double Decode(double v) => v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4);

    private static double Encode(double v) => v <= 0.0031308 ? v * 12.92 : (1.055 * Math.Pow(v, 1 / 2.4)) - 0.055;

    private static double CubeRoot(double v) => v < 216.0 / 24389 ? (v * 841 / 108) + (16 / 116.0) : Math.Cbrt(v);

    private static double Cube(double f) => f <= 6.0 / 29 ? (f - (16 / 116.0)) / 7.787 : f * f * f;
}
