using Factory.Contracts.Sampling;
using Factory.Contracts.Work;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;

namespace Factory.GpuWorker.Generation;

/// <summary>What sheets of a generator's images show beside them.</summary>
internal static class SheetRows
{
    /// <summary>A condition map as a picture: three channels are red, green and blue; others are shown by their brightest.</summary>
    public static RgbImage Picture(ConditionMap map)
    {
        int plane = map.Height * map.Width;
        byte[] pixels = new byte[plane * 3];
        for (int pixel = 0; pixel < plane; pixel++)
        {
            for (int color = 0; color < 3; color++)
            {
                pixels[(pixel * 3) + color] = map.Channels == 3
                    ? map.Values[(color * plane) + pixel]
                    : Enumerable.Range(0, map.Channels).Max(channel => map.Values[(channel * plane) + pixel]);
            }
        }
        return new(map.Width, map.Height, pixels);
    }

    /// <summary>A few sources of a category, each of another subject, drawn by the seed.</summary>
    public static IEnumerable<int> SourcesOf(IReadOnlyList<CamSource> sources, int label, int count, ulong seed) => Enumerable.Range(0, sources.Count)
        .Where(source => sources[source].Label == label)
        .OrderBy(source => SampleSeeds.Derive(seed, source, 0)).DistinctBy(source => sources[source].Subject).Take(count);
}
