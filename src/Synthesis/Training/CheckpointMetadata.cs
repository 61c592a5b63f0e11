using System.Text.Json;
using Factory.Synthesis.Networks;

namespace Factory.Synthesis.Training;

/// <summary>The metadata entries of the factory's checkpoints.</summary>
internal static class CheckpointMetadata
{
    internal const string Classifier = "classifier";
    internal const string ClassifierTraining = "classifier-training";
    internal const string ClassifierReplica = "classifier-replica";
    internal const string ClassifierAverage = "classifier-average";
    internal const string TwoStream = "two-stream";
    internal const string Generator = "generator";
    internal const string Discriminator = "discriminator";
    internal const string Perceptual = "perceptual";
    internal const string GeneratorTraining = "generator-training";
    internal const string LabelGenerator = "label-generator";
    internal const string LabelGeneratorTraining = "label-generator-training";

    internal const string ArchitectureKey = "architecture";
    internal const string CategoriesKey = "categories";
    internal const string ValidationKey = "validation";
    internal const string OptionsKey = "options";
    internal const string StateKey = "state";
    internal const string RoundsKey = "rounds";
    internal const string OuterStepKey = "outerStep";
    private const string KindKey = "kind";
    private const string FormatKey = "format";
    private const string Format = "factory-checkpoint/1";
    private const string PreprocessingKey = "preprocessing";
    private const string Preprocessing = """{"channelOrder":"rgb","mean":0.5,"std":0.5,"resize":"pil-bicubic"}""";
    private const string AnnotationPrefix = "annotation.";

    /// <summary>The kind of a classifier's inference checkpoint.</summary>
    internal static string KindOf(ClassifierArchitecture architecture) => architecture.TwoStream ? TwoStream : Classifier;

    internal static Dictionary<string, string> Create(string kind, IReadOnlyDictionary<string, string>? annotations = null)
    {
        var metadata = new Dictionary<string, string> { [FormatKey] = Format, [KindKey] = kind, [PreprocessingKey] = Preprocessing };
        foreach (var (key, value) in annotations ?? new Dictionary<string, string>())
            metadata[AnnotationPrefix + key] = value;
        return metadata;
    }

    internal static void Check(SafeTensorsFile file, params string[] kinds) => Check(file.Metadata, kinds);

    internal static void Check(IReadOnlyDictionary<string, string> metadata, params string[] kinds)
    {
        string Require(string key) => metadata.TryGetValue(key, out var value) ? value : throw new SafeTensorsException($"The file's metadata has no entry '{key}'; was it written by the factory?");
        var format = metadata.GetValueOrDefault(FormatKey, "unknown");
        if (format != Format)
            throw new CheckpointException($"The checkpoint's format is '{format}', this version reads '{Format}'.");
        if (!kinds.Contains(Require(KindKey)))
            throw new CheckpointException($"This is a {Require(KindKey)} checkpoint, expected a {string.Join(" or ", kinds)} checkpoint.");
        if (Require(PreprocessingKey) != Preprocessing)
            throw new CheckpointException($"The checkpoint's preprocessing is {Require(PreprocessingKey)}, this version feeds {Preprocessing}.");
    }

    internal static IReadOnlyDictionary<string, string> Annotations(SafeTensorsFile file) =>
        file.Metadata.Where(m => m.Key.StartsWith(AnnotationPrefix, StringComparison.Ordinal)).ToDictionary(m => m.Key[AnnotationPrefix.Length..], m => m.Value);

    internal static string Serialize<T>(T value) => JsonSerializer.Serialize(value, CheckpointJson.Options);
}
