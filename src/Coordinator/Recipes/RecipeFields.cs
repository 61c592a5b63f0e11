using Factory.Contracts.Recipes;

namespace Factory.Coordinator.Recipes;

/// <summary>The one table of all fields. Reader, suggestions, schema and documentation come from it.</summary>
internal static class RecipeFields
{
    private static readonly string[] ClassifierKinds = ["TrainClassifier", "Pretrain", "FineTune"];

    private static readonly RecipeField[] Training =
    [
        new("epochs", FieldType.Integer, "At most this many epochs.") { Default = "80", Least = 1, Most = 1000 },
        new("drawsPerEpoch", FieldType.Integer, "Images drawn in an epoch, with replacement, categories evenly.") { Default = "1200", Least = 8, Most = 1_000_000 },
        new("batchSize", FieldType.Integer, "Images of one optimization step.") { Default = "8", Least = 1, Most = 512 },
        new("learningRate", FieldType.Number, "Initial learning rate.") { Default = "0.001; 0.0001 for FineTune", Least = 0, Above = true, Most = 1 },
        new("augmentation", FieldType.Text, "Augmentation of training images.") { Default = "paper", OneOf = ["paper", "light", "none"] },
        new("segmentSteps", FieldType.Integer, "Optimization steps of one segment, which is one work item.") { Default = "500", Least = 10, Most = 100_000 },
    ];

    private static readonly RecipeField[] NewClassifier =
    [
        new("architecture", FieldType.Text, "The network.") { Default = "resnet18", OneOf = ["resnet18", "resnet50"] },
        new("width", FieldType.Integer, "Channels of the first stage; 64 is the published width.") { Default = "64", Least = 8, Most = 128 },
        new("outputStride", FieldType.Integer, "Input pixels to one CAM cell; 32 is published, less gives finer CAMs from small inputs.") { Default = "32", OneOf = ["8", "16", "32"] },
        new("size", FieldType.Integer, "Side of the square input in pixels, a multiple of 32.") { Default = "256", Least = 32, Most = 1024 },
        .. Training,
    ];

    /// <summary>Fields of the recipe itself.</summary>
    public static IReadOnlyList<RecipeField> Top { get; } =
    [
        new("apiVersion", FieldType.Text, "Version of the format.") { Required = true, OneOf = [Recipe.CurrentApiVersion] },
        new("name", FieldType.Text, "Names the run's outputs.") { Required = true, Pattern = ("^[a-z0-9][a-z0-9-]{0,62}$", "lower-case letters, digits and dashes, at most 63") },
        new("collection", FieldType.Text, "The collection to learn from: `name` (its latest version) or `name@version`.") { Required = true, Pattern = ("^[a-z0-9][a-z0-9-]{0,62}(@[1-9][0-9]{0,8})?$", "name or name@version") },
        new("modality", FieldType.Text, "The modality whose images are used.") { Required = true, OneOf = ["cfp", "oct"] },
        new("seed", FieldType.Integer, "Seed of every random draw.") { Default = "1", Least = 0, Most = ulong.MaxValue },
        new("numerics", FieldType.Mapping, "What changes bits. What is left out is pinned, and recorded, when the run is submitted.")
        {
            Fields =
            [
                new("device", FieldType.Text, "Kind of device.") { Default = "the coordinator's setting", OneOf = ["cpu", "cuda"] },
                new("threads", FieldType.Integer, "Threads of one torch operation.") { Default = "the coordinator's setting", Least = 1, Most = 256 },
            ],
        },
        new("steps", FieldType.Mapping, "The steps by name. Steps refer to one another by these names.") { Required = true },
    ];

    /// <summary>Fields of each kind of step, <c>kind</c> itself aside.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<RecipeField>> Steps { get; } = new Dictionary<string, IReadOnlyList<RecipeField>>
    {
        ["TrainClassifier"] = NewClassifier,
        ["ComputeCams"] =
        [
            new("classifier", FieldType.Reference, "The classifier whose CAMs are computed.") { Required = true, Kinds = ClassifierKinds, OrCheckpoint = true },
            new("size", FieldType.Integer, "Side of the classifier's input; left out: its own. A checkpoint of another size is refused.") { Least = 32, Most = 1024 },
            new("blockSize", FieldType.Integer, "Images of one block, which is one work item.") { Default = "64", Least = 1, Most = 4096 },
        ],
        ["TrainGenerator"] =
        [
            new("cams", FieldType.Reference, "The CAMs that condition the generator.") { Required = true, Kinds = ["ComputeCams"] },
            new("preset", FieldType.Text, "Network and training sizes.") { Required = true, OneOf = [.. GeneratorPresets.Sizes.Keys] },
            new("steps", FieldType.Integer, "Optimization steps; left out: the preset's epochs over the training images.") { Least = 1, Most = 10_000_000 },
            new("segmentSteps", FieldType.Integer, "Optimization steps of one segment, which is one work item.") { Default = "500", Least = 10, Most = 100_000 },
        ],
        ["Synthesize"] =
        [
            new("generator", FieldType.Reference, "The generator.") { Required = true, Kinds = ["TrainGenerator"], OrCheckpoint = true },
            new("cams", FieldType.Reference, "The CAMs to draw from; left out: those the generator was trained on. Needed when the generator is a checkpoint.") { Kinds = ["ComputeCams"] },
            new("size", FieldType.Integer, "Side of the images; left out: the generator's own. A generator of another size is refused.") { Least = 32, Most = 4096 },
            new("samples", FieldType.Integer, "Samples of the corpus. Either this or `counts`.") { Least = 1, Most = 1_000_000_000 },
            new("balance", FieldType.Text, "How samples fall on categories: evenly, or as the sources do.") { Default = "categories", OneOf = ["categories", "sources"] },
            new("counts", FieldType.Counts, "Samples of each category by name. Either this or `samples`.") { Least = 0, Most = 1_000_000_000 },
            new("perSubject", FieldType.Integer, "At most this many samples from one source subject; left out: no cap.") { Least = 1, Most = int.MaxValue },
            new("background", FieldType.Text, "The background category: its real images join pre-training, or it is synthesized from its own CAMs, or left out.") { Default = "real", OneOf = ["real", "synthesize", "none"] },
            new("manipulations", FieldType.Manipulations, "The manipulations to draw from, by name: a weight, or `{ weight, range }`.") { Default = "flr, trs and shift, weight 1 each" },
            new("reject", FieldType.Mapping, "When a sample is rejected. Left out: never.")
            {
                Fields =
                [
                    new("labelFidelityBelow", FieldType.Number, "Rejects a sample to which the classifier gives its label a lower probability.") { Least = 0, Most = 1 },
                    new("redraws", FieldType.Integer, "Further draws for a rejected sample before it is counted and left out.") { Default = "3", Least = 0, Most = 20 },
                ],
            },
            new("shardSize", FieldType.Integer, "Samples of one shard, which is one work item.") { Default = "1000", Least = 1, Most = 10_000 },
            new("batchSize", FieldType.Integer, "Samples generated at once.") { Default = "4", Least = 1, Most = 64 },
            new("keepConditions", FieldType.Boolean, "Whether shards carry condition maps.") { Default = "false" },
        ],
        ["Pretrain"] = [new("corpus", FieldType.Reference, "The corpus learned from.") { Required = true, Kinds = ["Synthesize"] }, .. NewClassifier],
        ["FineTune"] =
        [
            new("from", FieldType.Reference, "The classifier to start from.") { Required = true, Kinds = ClassifierKinds, OrCheckpoint = true },
            new("size", FieldType.Integer, "Side of the input; left out: that of the classifier to start from. A checkpoint of another size is refused.") { Least = 32, Most = 1024 },
            .. Training,
        ],
        ["Evaluate"] =
        [
            new("models", FieldType.References, "The classifiers, in the order of the table.") { Required = true, Kinds = ClassifierKinds, OrCheckpoint = true },
            new("split", FieldType.Text, "The split evaluated on.") { Default = "test", OneOf = ["train", "validation", "test"] },
        ],
    };
}
