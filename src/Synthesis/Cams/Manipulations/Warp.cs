namespace Factory.Synthesis.Cams.Manipulations;

/// <summary>Resamples a CAM bilinearly; what comes from outside the grid takes the channel's background level.</summary>
internal static class Warp
{
    /// <summary>The median of a channel: its level away from lesions.</summary>
    internal static float Background(ReadOnlySpan<float> channel)
    {
        var sorted = channel.ToArray();
        Array.Sort(sorted);
        return sorted[(sorted.Length - 1) / 2];
    }

    /// <summary>Fills every cell from where <paramref name="origin"/> says it comes from (row and column, fractional).</summary>
    internal static float[] Apply(Cam cam, Func<double, double, (double Row, double Column)> origin)
    {
        var values = new float[cam.Values.Length];
        var position = 0;
        for (var c = 0; c < cam.K; c++)
        {
            var outside = Background(cam.Channel(c));
            for (var i = 0; i < cam.Height; i++)
            {
                for (var j = 0; j < cam.Width; j++)
                {
                    var (row, column) = origin(i, j);
                    values[position++] = Sample(cam, c, row, column, outside);
                }
            }
        }

        return values;
    }

    private static float Sample(Cam cam, int channel, double row, double column, float outside)
    {
        var (top, left) = ((int)Math.Floor(row), (int)Math.Floor(column));
        var (down, right) = (row - top, column - left);
        double At(int i, int j) => i >= 0 && i < cam.Height && j >= 0 && j < cam.Width ? cam[channel, i, j] : outside;
        var upper = ((1 - right) * At(top, left)) + (right * At(top, left + 1));
        var lower = ((1 - right) * At(top + 1, left)) + (right * At(top + 1, left + 1));
        return (float)(((1 - down) * upper) + (down * lower));
    }
}
