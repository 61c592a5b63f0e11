using System.Globalization;
using System.Text;
using Factory.Contracts;
using Factory.Contracts.Sampling;
using Factory.Contracts.Work;
using Factory.Storage.Shards;
using Factory.Synthesis.Imaging;

namespace Factory.GpuWorker.Generation;

/// <summary>One sample as it goes into a shard.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Members">Its files.</param>
/// <param name="Record">How it was made.</param>
internal sealed record EncodedSample(string Key, IReadOnlyList<ShardMember> Members, SampleRecord Record);

/// <summary>Turns generated images into the members of a shard.</summary>
internal sealed class SampleEncoder(GenerateShard command)
{
    /// <summary>Encodes one sample: a PNG marked as synthetic, its metadata, its category index.</summary>
    public EncodedSample Encode(PreparedSample sample, RgbImage image, SortedDictionary<string, double> scores)
    {
        SynthesisSpec spec = command.Synthesis;
        string key = SampleSeeds.Key(spec.Seed, sample.Index);
        byte[] png = ImageEncoder.EncodePng(image, ImageMarking.Synthetic);
        List<ShardMember> members =
        [
            new("cls", Encoding.ASCII.GetBytes(sample.Label.ToString(CultureInfo.InvariantCulture))),
            new("json", Metadata(sample, key, image, scores).ToCanonicalBytes()),
            new("png", png),
        ];
        if (spec.KeepConditions && sample.Condition is { } map)
        {
            members.Add(new("cond.png", ImageEncoder.EncodePlanesPng(map.Values, map.Channels, map.Height, map.Width)));
        }
        return new(key, members, Record(sample, key, png, scores));
    }

    private SampleMetadata Metadata(PreparedSample sample, string key, RgbImage image, SortedDictionary<string, double> scores) => new()
    {
        Key = key,
        Category = new(command.Synthesis.Categories.Names[sample.Label], sample.Label),
        Modality = command.Synthesis.Modality.ToString().ToLowerInvariant(),
        Width = image.Width,
        Height = image.Height,
        Manipulation = new(sample.Manipulation, sample.Parameters),
        Seed = sample.Seed,
        Generator = command.Generator.Digest,
        Classifier = command.Classifier?.Digest,
        Recipe = command.Synthesis.Recipe,
        Scores = scores,
    };

    private static SampleRecord Record(PreparedSample sample, string key, byte[] png, SortedDictionary<string, double> scores) => new()
    {
        Key = key,
        Index = sample.Index,
        Draw = sample.Draw,
        Label = sample.Label,
        Source = sample.Source,
        Partner = sample.Partner,
        Manipulation = sample.Manipulation,
        Parameters = sample.Parameters,
        Seed = sample.Seed,
        Image = Sha256Digest.Of(png),
        Scores = scores,
    };
}
