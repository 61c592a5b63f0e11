using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Coordinator.Collections;

namespace Factory.Coordinator.Recipes;

/// <summary>A kind of step: its keys, and how its record is made of their values.</summary>
internal sealed record StepKind(string Name, string Doc, IReadOnlyList<RecipeField> Fields, Func<string, FieldValues, RecipeStep> Build);

/// <summary>
/// The keys of every kind of step. The reader, its hints, the JSON schema and the documentation all come from here; the ranges are those the contracts document.
/// </summary>
internal static class StepKinds
{
    /// <summary>Most samples of a corpus.</summary>
    public const long MaxSamples = 1_000_000_000;

    private static readonly ReferenceType AnyClassifier = new(Checkpoint: true, "TrainClassifier", "Pretrain", "FineTune");
    private static readonly ReferenceType AnyGenerator = new(Checkpoint: true, "TrainGenerator");
    private static readonly ReferenceType AnySynthesizer = new(Checkpoint: true, "TrainGenerator", "TrainLabelGenerator");
    private static readonly ReferenceType AnyCams = new(Checkpoint: false, "ComputeCams", "LesionMaps");
    private static readonly ReferenceType AnyCorpus = new(Checkpoint: false, "Synthesize");
    private static readonly ChoiceType AnyModality = new("cfp", "oct", "both");
    internal static readonly ChoiceType OneModality = new("cfp", "oct");
    private static readonly WholeType Side = new(32, 1024) { MultipleOf = 32 };

    private static readonly RecipeField SegmentSteps = new("segmentSteps", new WholeType(10, 100_000), "Optimization steps of one segment, which is one work item.") { Default = 500L };

    /// <summary>Every kind, in the order in which recipes use them.</summary>
    public static IReadOnlyList<StepKind> All { get; } =
    [
        new("TrainClassifier", "Trains a classifier on the collection's training images, or one of two streams on pairs of them.", [.. Seen("the recipe's"), .. Network(), .. Training(1e-3)],
            (name, v) => new TrainClassifierStep
            {
                Modality = SeenBy(v), Pairing = PairedBy(v), Name = name, Architecture = v.Text("architecture"), Width = v.Int("width"), OutputStride = v.Int("outputStride"), Size = v.Int("size"),
                Epochs = v.Int("epochs"), DrawsPerEpoch = v.Int("drawsPerEpoch"), BatchSize = v.Int("batchSize"), LearningRate = v.RealOrNull("learningRate"),
                Augmentation = v.Text("augmentation"), SegmentSteps = v.Int("segmentSteps"), Rounds = RoundsFit.Of(v), Trials = v.IntOrNull("trials"),
            }),
        new("ComputeCams", "Computes the CAMs of every training image.",
            [
                new("classifier", AnyClassifier, "The classifier whose CAMs are computed.") { Required = true },
                new("size", Side, "Side of the classifier's input in pixels.") { Unset = "the classifier's own; another is refused" },
                new("modality", OneModality, "Whose images.") { Unset = "that of the step that trained the classifier; with a checkpoint the recipe's" },
                new("blockSize", new WholeType(1, 4096), "Images of one CAM block, which is one work item.") { Default = 64L },
            ],
            (name, v) => new ComputeCamsStep { Name = name, Classifier = v.Text("classifier"), Size = v.IntOrNull("size"), BlockSize = v.Int("blockSize"), Modality = ShownBy(v) }),
        new("LesionMaps", "Makes the lesion masks of the training images the condition of a generator, in place of CAMs.",
            [
                new("kinds", new ListType(new TextType(LesionKinds.Pattern, LesionKinds.Rule), 16), "The kinds of lesion that become channels, in this order.") { Unset = "every kind that the training images have masks of, in ordinal order, but the background's name" },
                new("grid", new WholeType(8, 128), "Rows and columns of a lesion map.") { Default = 32L },
                new("modality", OneModality, "Whose images.") { Unset = "the recipe's" },
            ],
            (name, v) => new LesionMapsStep { Name = name, Kinds = v.OrNull<IReadOnlyList<string>>("kinds"), Grid = v.Int("grid"), Modality = ShownBy(v) }),
        new("TrainGenerator", "Trains a pix2pixHD generator from condition maps to images.",
            [
                new("cams", AnyCams, "The CAMs, or the lesion maps, that condition the generator.") { Required = true },
                new("preset", new ChoiceType("tiny64", "tiny128", "local128", "small256", "paper256", "paper512") { Aliases = new Dictionary<string, string> { ["tiny"] = "tiny64" } },
                    "Network and training sizes; the number is the side of the images in pixels. `local128` and `paper512` are stage 2: a local enhancer around a global part.") { Required = true },
                new("from", AnyGenerator, "Stage 1, of preset `tiny64` for `local128` and `paper256` for `paper512`, on CAMs of the same classifier: its global part and its discriminator are taken over, and the first 20 of 100 epochs train the enhancer only.")
                    { Unset = "fresh weights" },
                new("perceptual", new ReferenceType(Checkpoint: true), "VGG19 for the perceptual loss: torchvision's weights, registered with `factory checkpoint import`.") { Unset = "the loss is off" },
                new("previewSteps", new WholeType(1, 10_000_000), "Optimization steps from one preview grid to the next, with `fid` and `kid` in the classifier's features.") { Unset = "none" },
                new("steps", new WholeType(1, 10_000_000), "Optimization steps.") { Unset = "the preset's epochs over the training images" },
                SegmentSteps,
            ],
            (name, v) => new TrainGeneratorStep
            {
                Name = name, Cams = v.Text("cams"), Preset = v.Text("preset"), From = v.OrNull<string>("from"), Perceptual = v.OrNull<string>("perceptual"),
                PreviewSteps = v.IntOrNull("previewSteps"), Steps = v.IntOrNull("steps"), SegmentSteps = v.Int("segmentSteps"),
            }),
        new("TrainLabelGenerator", "Trains a label-conditioned progressive GAN, from noise and category to images: the baseline that knows nothing of where lesions are.",
            [
                new("preset", new ChoiceType([.. LabelGeneratorPresets.All.Keys]), "Network and training sizes; the number is the side of the images in pixels.") { Required = true },
                new("steps", new WholeType(1, 10_000_000), "Optimization steps, at least two for each phase in which the network grows: 18, 22, 26 or 30 by preset.")
                    { Unset = "18,000, 68,750, 664,286 or 930,954, by preset" },
                new("modality", OneModality, "Whose images.") { Unset = "the recipe's" },
                new("previewSteps", new WholeType(1, 10_000_000), "Optimization steps from one preview grid to the next: the same noise for each category.") { Unset = "none" },
                SegmentSteps,
            ],
            (name, v) => new TrainLabelGeneratorStep { Name = name, Modality = ShownBy(v), Preset = v.Text("preset"), Steps = v.IntOrNull("steps"), PreviewSteps = v.IntOrNull("previewSteps"), SegmentSteps = v.Int("segmentSteps") }),
        SynthesizeKind.Create(AnySynthesizer, AnyCams, AnyClassifier, Side),
        new("Pretrain", "Trains a classifier on a synthetic corpus; validation is on real images.",
            [
                new("corpus", AnyCorpus, "The corpus to learn from; of CFP where there is an `octCorpus`.") { Required = true },
                new("octCorpus", AnyCorpus, "An OCT corpus: the classifier is then of two streams, and learns from loose pairs of the two corpora.") { Unset = "one stream" },
                .. Network(), .. Training(1e-3),
            ],
            (name, v) => new PretrainStep
            {
                Name = name, Corpus = v.Text("corpus"), OctCorpus = v.OrNull<string>("octCorpus"), Architecture = v.Text("architecture"), Width = v.Int("width"), OutputStride = v.Int("outputStride"), Size = v.Int("size"),
                Epochs = v.Int("epochs"), DrawsPerEpoch = v.Int("drawsPerEpoch"), BatchSize = v.Int("batchSize"), LearningRate = v.RealOrNull("learningRate"),
                Augmentation = v.Text("augmentation"), SegmentSteps = v.Int("segmentSteps"), Rounds = RoundsFit.Of(v), Trials = v.IntOrNull("trials"),
            }),
        new("FineTune", "Trains a classifier further on the collection's real training images.",
            [
                new("from", AnyClassifier, "The classifier to start from.") { Required = true },
                new("size", Side, "Side of the input in pixels.") { Unset = "that of the classifier to start from; another is refused" },
                .. Seen("that of the step to start from; with a checkpoint the recipe's"), .. Training(1e-4),
            ],
            (name, v) => new FineTuneStep
            {
                Modality = SeenBy(v), Pairing = PairedBy(v), Name = name, From = v.Text("from"), Size = v.IntOrNull("size"), Epochs = v.Int("epochs"), DrawsPerEpoch = v.Int("drawsPerEpoch"), BatchSize = v.Int("batchSize"),
                LearningRate = v.RealOrNull("learningRate"), Augmentation = v.Text("augmentation"), SegmentSteps = v.Int("segmentSteps"), Rounds = RoundsFit.Of(v), Trials = v.IntOrNull("trials"),
            }),
        new("Evaluate", "Evaluates classifiers on real images and tabulates them.",
            [
                new("models", new ListType(AnyClassifier, 100), "The classifiers, in the order of the table.") { Required = true },
                new("baseline", AnyClassifier, "The one of `models` that the others are compared with.") { Unset = "the first" },
                new("split", new ChoiceType("train", "validation", "test"), "The split to evaluate on.") { Default = "test" },
                new("modality", AnyModality, "What to evaluate on: images of one modality, or with `both` strict pairs, of which a classifier of one stream sees the image of its own modality.")
                    { Unset = "what all models see, and `both` where they differ" },
            ],
            (name, v) => new EvaluateStep { Modality = SeenBy(v), Name = name, Models = v.Get<IReadOnlyList<string>>("models"), Baseline = v.OrNull<string>("baseline"), Split = Enum.Parse<Split>(v.Text("split"), ignoreCase: true) }),
    ];

    /// <summary>The kind of that name, or null.</summary>
    public static StepKind? Find(string name) => All.FirstOrDefault(kind => kind.Name == name);

    private static IEnumerable<RecipeField> Seen(string unset) =>
    [
        new("modality", AnyModality, "What it sees; `both` is for a classifier of two streams, a network for each modality, judged together.") { Unset = unset },
        new("pairing", new ChoiceType("loose", "strict"), "With `both`, what it learns from: any CFP with any OCT of the same category, or those of the same eye. Validation is on strict pairs.") { Unset = "`loose`" },
    ];

    private static StepModality? SeenBy(FieldValues v) => v.OrNull<string>("modality") is { } word ? Enum.Parse<StepModality>(word, ignoreCase: true) : null;

    internal static Modality? ShownBy(FieldValues v) => v.OrNull<string>("modality") is { } word ? Enum.Parse<Modality>(word, ignoreCase: true) : null;

    private static Pairing? PairedBy(FieldValues v) => v.OrNull<string>("pairing") is { } word ? Enum.Parse<Pairing>(word, ignoreCase: true) : null;

    private static IEnumerable<RecipeField> Network() =>
    [
        new("architecture", new ChoiceType("resnet18", "resnet50"), "The network.") { Default = "resnet18" },
        new("width", new WholeType(8, 128), "Channels of the first stage; 64 is published, less is for small machines.") { Default = 64L },
        new("outputStride", new WholeType(8, 32) { Only = [8, 16, 32] }, "Input pixels to one CAM cell; 32 is published, less gives finer CAMs from small inputs.") { Default = 32L },
        new("size", Side, "Side of the square input in pixels.") { Default = 256L },
    ];

    private static IEnumerable<RecipeField> Training(double learningRate) =>
    [
        new("epochs", new WholeType(1, 1000), "At most this many epochs.") { Default = 80L },
        new("drawsPerEpoch", new WholeType(8, 1_000_000), "Images drawn in an epoch, with replacement, categories evenly.") { Default = 1200L },
        new("batchSize", new WholeType(1, 512), "Images of one optimization step.") { Default = 8L },
        new("learningRate", new RealType(0, 1) { AboveLeast = true }, "Initial learning rate.") { Default = learningRate },
        new("augmentation", new ChoiceType("paper", "light", "none"), "Augmentation of the training images.") { Default = "paper" },
        SegmentSteps,
        .. RoundsFit.Fields,
        new("trials", new WholeType(1, StepTrial.Most), "Trials of this step: it is trained so often, each time with a seed of its own.") { Unset = "the recipe's where an Evaluate step names it or what is fine-tuned from it, else 1" },
    ];
}
