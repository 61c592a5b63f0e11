using Factory.Contracts;
using Factory.Contracts.Recipes;

namespace Factory.Coordinator.Recipes;

/// <summary>The keys of <c>Synthesize</c>, and the rules between them.</summary>
internal static class SynthesizeKind
{
    private static readonly GroupType Reject = new(
        [
            new("labelFidelityBelow", new RealType(0, 1), "Rejects a sample to which the judge gives its label a lower probability.") { Unset = "not checked" },
            new("camConsistencyBelow", new RealType(-1, 1), "Rejects a sample whose CAM correlates less with the one that conditioned it.") { Unset = "not checked" },
            new("sharpnessBelow", new RealType(0, 100), "Rejects a sample less sharp than this part of the median training image.") { Unset = "not checked" },
            new("fieldOfViewBelow", new RealType(0, 1), "Rejects a fundus photograph of which a smaller fraction of the expected field of view is lit.") { Unset = "not checked" },
            new("nearestTrainingDistanceBelow", new RealType(0, 100), "Rejects a sample nearer to a training image than this part of what is usual between training images.") { Unset = "not checked" },
            new("redraws", new WholeType(0, 20), "Further draws for a rejected sample; what is rejected still is left out and counted.") { Default = 3L },
        ],
        v => new RejectionRules
        {
            LabelFidelityBelow = v.RealOrNull("labelFidelityBelow"),
            CamConsistencyBelow = v.RealOrNull("camConsistencyBelow"),
            SharpnessBelow = v.RealOrNull("sharpnessBelow"),
            FieldOfViewBelow = v.RealOrNull("fieldOfViewBelow"),
            NearestTrainingDistanceBelow = v.RealOrNull("nearestTrainingDistanceBelow"),
            Redraws = v.Int("redraws"),
        });

    private static GroupType Quality(ReferenceType classifier) => new(
        [
            new("measures", new ListType(new ChoiceType([.. QualityMeasures.All]), QualityMeasures.All.Count), "What is measured of each sample; what `reject` needs is measured anyway.") { Unset = "all that can be" },
            new("corpusSamples", new WholeType(0, 20_000), "At most so many samples, and as many real training images, are compared as sets: FID, KID, precision, recall. 0: they are not.") { Default = (long)QualityRequest.DefaultCorpusSamples },
            new("features", classifier, "The classifier in whose features they are compared.") { Unset = "the judge" },
        ],
        v => new QualityRequest { Measures = v.OrNull<IReadOnlyList<string>>("measures") is { } asked ? [.. QualityMeasures.All.Where(asked.Contains)] : null, CorpusSamples = v.Int("corpusSamples"), Features = v.OrNull<string>("features") });

    /// <summary>The keys that a label-conditioned generator has no use for.</summary>
    private static readonly string[] CamKeys = ["cams", "manipulations", "perSubject", "precision", "keepConditions"];

    public static StepKind Create(ReferenceType generator, ReferenceType cams, ReferenceType classifier, WholeType side) => new(
        "Synthesize", "Generates a labelled synthetic corpus, in shards: from manipulated CAMs, or, by a label-conditioned generator, from noise and category.",
        [
            new("generator", generator, $"The generator. Beside a label-conditioned one there is no place for {string.Join(", ", CamKeys.Select(key => $"`{key}`"))}.") { Required = true },
            new("cams", cams, "The CAMs, or the lesion maps, to draw sources from.") { Unset = "those the generator was trained on; required when the generator is a checkpoint that takes CAMs" },
            new("modality", StepKinds.OneModality, "What the images are of.") { Unset = "that of the CAMs, else of the generator; with a checkpoint alone the recipe's" },
            new("size", side, "Side of the images in pixels.") { Unset = "the generator's own; another is refused" },
            new("samples", new WholeType(1, StepKinds.MaxSamples), "Samples of the corpus. Give this or `counts`.") { Unset = "the sum of `counts`" },
            new("balance", new ChoiceType("categories", "sources"), "How samples fall on categories: evenly, or as the training images do. Not beside `counts`.") { Default = "categories" },
            new("counts", new CountsType(StepKinds.MaxSamples), "Samples of each category by name. Give this or `samples`.") { Unset = "by `samples` and `balance`" },
            new("perSubject", new WholeType(1, 1_000_000_000), "At most this many samples from one source subject.") { Unset = "no cap" },
            new("background", new ChoiceType("real", "synthesize", "none"),
                "What becomes of the background category: its real images join pre-training (flagged, never released), it is synthesized from its own CAMs, or it is left out.") { Default = "real" },
            new("manipulations", new ManipulationsType(), "What to draw from, and how often.") { Default = ManipulationChoice.Defaults, Unset = "`{ flr: 1, shift: 1, trs: 1 }`" },
            new("reject", Reject, "When a sample is rejected and drawn again.") { Unset = "never" },
            new("quality", Quality(classifier), "What is measured of samples and corpus; `quality: {}` asks for all of it. docs/quality.md says what it means.") { Unset = "of samples what `reject` needs, of the corpus nothing" },
            new("judge", classifier, "The classifier that judges samples.") { Unset = "the one whose CAMs condition the generator; a label-conditioned one and one of lesion maps have none" },
            new("shardSize", new WholeType(1, 10_000), "Samples of one shard, which is one work item.") { Default = 1000L },
            new("batchSize", new WholeType(1, 64), "Samples generated at once. In the recipe because it can change bits.") { Default = 4L },
            new("precision", new ChoiceType("float32", SynthesizeStep.Bfloat16), "Number type of the generator's forward pass. In the recipe because it changes bits.") { Default = "float32" },
            new("keepConditions", new FlagType(), "Whether shards also carry condition maps (`.cond.png`).") { Default = false },
        ],
        (name, v) => new SynthesizeStep
        {
            Name = name,
            Generator = v.Text("generator"),
            Cams = v.OrNull<string>("cams"),
            Modality = StepKinds.ShownBy(v),
            Size = v.IntOrNull("size"),
            Samples = v.LongOrNull("samples"),
            Balance = v.Text("balance"),
            Counts = v.OrNull<IReadOnlyDictionary<string, long>>("counts"),
            PerSubject = v.IntOrNull("perSubject"),
            Background = v.Text("background"),
            Manipulations = v.Get<IReadOnlyList<ManipulationChoice>>("manipulations"),
            Reject = v.OrNull<RejectionRules>("reject"),
            Quality = v.OrNull<QualityRequest>("quality"),
            Judge = v.OrNull<string>("judge"),
            ShardSize = v.Int("shardSize"),
            BatchSize = v.Int("batchSize"),
            KeepConditions = v.Flag("keepConditions"),
            Precision = v.Text("precision") is SynthesizeStep.Bfloat16 ? SynthesizeStep.Bfloat16 : null,
        });

    /// <summary>Why one of a step's keys, if any, has no place beside a label-conditioned generator.</summary>
    /// <param name="key">The key.</param>
    public static string Needless(string key) => $"has no place beside a label-conditioned generator, which draws from noise and category alone; take {key} away";

    /// <summary>The keys of a step, as read, that a label-conditioned generator has no use for. A default that was written out is none.</summary>
    public static IEnumerable<string> NeedlessKeys(SynthesizeStep step)
    {
        bool[] given =
        [
            step.Cams is not null, !step.Manipulations.SequenceEqual(ManipulationChoice.Defaults), step.PerSubject is not null,
            step.Precision is not null, step.KeepConditions,
        ];
        return CamKeys.Where((_, key) => given[key]);
    }

    /// <summary>Notes what the keys say against one another.</summary>
    public static void Check(FieldValues values, YamlNode owner, string path, RecipeIssues issues)
    {
        (YamlNode? samples, YamlNode? counts) = (values.Node("samples"), values.Node("counts"));
        if (samples is null && counts is null) issues.Add(owner, path, "needs samples (how many in all) or counts (how many of each category)");
        if (samples is not null && counts is not null) issues.Add(samples, path + ".samples", "stands beside counts; give one of them");
        if (values.Node("reject") is YamlMap reject && QualityMeasures.All.All(measure => reject[measure + "Below"] is null))
        {
            issues.Add(reject, path + ".reject", $"needs at least one of {string.Join(", ", QualityMeasures.All.Select(measure => measure + "Below"))}");
        }
        if (counts is not null && values.Node("balance") is { } balance) issues.Add(balance, path + ".balance", "stands beside counts, which already say how samples fall on categories; take one away");
    }

    /// <summary>Notes manipulations that an OCT corpus cannot use.</summary>
    public static void CheckRows(FieldValues values, string path, RecipeIssues issues)
    {
        if (values.Node("manipulations") is not YamlMap manipulations) return;
        foreach (YamlText name in manipulations.Entries.Select(entry => entry.Key).Where(key => Manipulations.All.GetValueOrDefault(key.Value) is { KeepsRows: false }))
        {
            issues.Add(name, $"{path}.manipulations.{name.Value}", $"{name.Value} moves lesions across the retina's layers and cannot be used for oct");
        }
    }
}
