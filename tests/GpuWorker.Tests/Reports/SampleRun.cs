using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;

namespace Factory.GpuWorker.Tests.Reports;

/// <summary>A run with every part a report can show, and the blobs it names.</summary>
internal sealed class SampleRun
{
    private static readonly string[] Splits = ["Test", "Train", "Validation"];

    /// <summary>Writes undefined scores as null.</summary>
    private static readonly JsonSerializerOptions WithNulls = new(ContractJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    private readonly Dictionary<Sha256Digest, byte[]> _blobs = [];

    /// <summary>A PNG of one pixel.</summary>
    public static byte[] Png => Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=");

    public byte[] Read(ObjectRef blob) => _blobs[blob.Digest];

    public ObjectRef Put(byte[] bytes, string mediaType)
    {
        Sha256Digest digest = Sha256Digest.Of(bytes);
        _blobs[digest] = bytes;
        return new() { Digest = digest, Bytes = bytes.Length, MediaType = mediaType };
    }

    public ObjectRef PutJson<T>(T document) => Put(JsonSerializer.SerializeToUtf8Bytes(document, WithNulls), MediaTypes.Json);

    public ReportContent Content(byte[]? contactSheet = null) => new()
    {
        RunId = 7,
        Name = "amd-cfp-demo",
        Recipe = "apiVersion: factory/v1\nname: amd-cfp-demo\ncollection: phantoms@1\nmodality: Cfp\nsteps:\n  baseline:\n    kind: TrainClassifier\n    epochs: 12\n",
        RecipeDigest = Sha256Digest.Of("recipe"u8),
        Collection = "phantoms@1",
        CollectionDigest = Sha256Digest.Of("collection"u8),
        Numerics = new Numerics { Device = "cpu", Threads = 2 },
        Categories = CategoryList.Amd,
        Images = Splits.ToDictionary(split => split, IReadOnlyList<int> (split) => split == "Train" ? [155, 67, 259, 453] : [20, 20, 20, 20]),
        Steps =
        [
            Training("baseline", "TrainClassifier"),
            new() { Name = "cams", Kind = "ComputeCams", Items = 15, Output = Sha256Digest.Of("cams"u8) },
            new() { Name = "generator", Kind = "TrainGenerator", Items = 8, Output = Sha256Digest.Of("generator"u8), Curve = PutJson(GeneratorCurve()) },
            new()
            {
                Name = "corpus", Kind = "Synthesize", Items = 4, Output = Sha256Digest.Of("corpus"u8), Samples = [0, 1334, 1333, 1321],
                Rejected = new Dictionary<string, long> { ["labelFidelity"] = 12, ["blank"] = 340 },
                Quality = PutJson(Quality()),
                ContactSheet = Put(contactSheet ?? Png, MediaTypes.Png),
            },
            Training("pretrained", "Pretrain"),
            Training("finetuned", "FineTune"),
            new() { Name = "compare", Kind = "Evaluate", Items = 1, Output = Sha256Digest.Of("compare"u8), Evaluation = PutJson(Evaluation()) },
        ],
    };

    public static CorpusQuality Quality() => new()
    {
        Features = Sha256Digest.Of("baseline"u8),
        All = new() { Samples = 2000, Images = 779, Frechet = 12.34567, Kernel = -0.0123456, Precision = 0.71234, Recall = 0.5 },
        Categories = [new("Pcv", new() { Samples = 640, Images = 259, Frechet = 20.5, Kernel = 0.5 })],
        Scores = [new() { Score = "sharpness", Low = 0.4, Median = 0.91, High = 1.3 }],
    };

    public static EvaluationReport Evaluation() => new()
    {
        Split = Split.Test,
        Images = 80,
        Categories = CategoryList.Amd.Names,
        Models =
        [
            Scores("baseline", 0.7375, 0.79912, [0.71, 0.86], [[20, 0, 0, 0], [1, 16, 1, 2], [0, 1, 15, 4], [1, 3, 8, 8]]),
            Scores("pretrained", 0.71, 0.78, [0.69, 0.85], [[19, 1, 0, 0], [2, 14, 2, 2], [0, 1, 15, 4], [1, 4, 6, 9]]),
            Scores("finetuned", 0.825, 0.88412, [0.81, 0.94], [[20, 0, 0, 0], [0, 18, 0, 2], [0, 1, 16, 3], [1, 2, 5, 12]]),
        ],
    };

    public static ModelScores Scores(string name, double accuracy, double? f1, IReadOnlyList<double>? interval, IReadOnlyList<IReadOnlyList<int>> confusion) => new()
    {
        Name = name,
        Checkpoint = Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(name)),
        Accuracy = accuracy,
        SenSpeF1 = f1,
        SenSpeF1Interval = interval,
        PrecisionRecallF1 = f1 - 0.05,
        Auc = f1 + 0.06,
        Kappa = f1 - 0.15,
        CategoryF1 = f1 is null ? [null, null, null, null] : [1, f1 + 0.02, f1 - 0.01, f1 - 0.1],
        Confusion = confusion,
    };

    private ReportStep Training(string name, string kind) => new()
    {
        Name = name,
        Kind = kind,
        Items = 3,
        Output = Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(name)),
        Curve = PutJson(Curve(name.Length)),
    };

    private static TrainingCurve Curve(int wobble) => new()
    {
        Series = new Dictionary<string, IReadOnlyList<CurvePoint>>
        {
            ["trainLoss"] = Points(24, step => 1.4 * Math.Exp(-step / 900.0) + (0.04 * Math.Sin(step * wobble))),
            ["validationLoss"] = Points(24, step => 1.3 * Math.Exp(-step / 1100.0) + 0.18 + (0.05 * Math.Cos(step * wobble))),
            ["validationSenSpeF1"] = Points(24, step => 0.9 - (0.55 * Math.Exp(-step / 700.0)) + (0.02 * Math.Sin(step * 1.7 * wobble))),
        },
    };

    private static TrainingCurve GeneratorCurve() => new()
    {
        Series = new Dictionary<string, IReadOnlyList<CurvePoint>>
        {
            ["discriminatorLoss"] = Points(900, step => 0.4 + (0.12 * Math.Sin(step * 0.37))),
            ["ganLoss"] = Points(900, step => 1.1 + (0.3 * Math.Sin(step * 0.11))),
            ["featureLoss"] = Points(900, step => 2.2 + (4 * Math.Exp(-step / 20000.0)) + (0.4 * Math.Sin(step * 0.53))),
        },
    };

    private static CurvePoint[] Points(int count, Func<int, double> value) =>
        [.. Enumerable.Range(1, count).Select(index => new CurvePoint { Step = index * 100, Value = Math.Round(value(index * 100), 5) })];
}
