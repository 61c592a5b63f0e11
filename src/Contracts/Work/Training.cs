using Factory.Contracts.Recipes;

namespace Factory.Contracts.Work;

/// <summary>How a classifier is trained; see <see cref="Recipes.ClassifierTrainingStep"/> for ranges.</summary>
public sealed record ClassifierTrainingSpec
{
    /// <summary><c>resnet18</c> or <c>resnet50</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Channels of the first stage.</summary>
    public required int Width { get; init; }

    /// <summary>Input pixels to one CAM cell.</summary>
    public required int OutputStride { get; init; }

    /// <summary>Side of the square input in pixels.</summary>
    public required int Size { get; init; }

    /// <summary>The categories, in index order.</summary>
    public required CategoryList Categories { get; init; }

    /// <summary>At most this many epochs.</summary>
    public required int Epochs { get; init; }

    /// <summary>Images drawn in an epoch.</summary>
    public required int DrawsPerEpoch { get; init; }

    /// <summary>Images of one optimization step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Initial learning rate.</summary>
    public required double LearningRate { get; init; }

    /// <summary><c>paper</c>, <c>light</c> or <c>none</c>.</summary>
    public required string Augmentation { get; init; }

    /// <summary>How the two modalities of the dataset are paired for training: the classifier is of two streams, and validated on strict pairs. Absent: of one stream.</summary>
    public Pairing? Pairing { get; init; }

    /// <summary>Seed of weights, draws and augmentation.</summary>
    public required ulong Seed { get; init; }
}

/// <summary>Asks for one segment of a classifier's training.</summary>
public sealed record TrainClassifierSegment : IWorkCommand
{
    /// <inheritdoc/>
    public required WorkOrder Order { get; init; }

    /// <summary>The dataset to learn from and validate on: JSON lines of <see cref="DatasetEntry"/>.</summary>
    public required ObjectRef Dataset { get; init; }

    /// <summary>How to train.</summary>
    public required ClassifierTrainingSpec Training { get; init; }

    /// <summary>The checkpoint whose weights to start from; absent: fresh weights.</summary>
    public ObjectRef? Initial { get; init; }

    /// <summary>The training checkpoint to go on from; absent in the first segment.</summary>
    public ObjectRef? Resume { get; init; }

    /// <summary>Optimization steps of this segment.</summary>
    public required int Steps { get; init; }
}

/// <summary>Asks for one replica's segment of a round of a classifier's training.</summary>
public sealed record TrainReplicaSegment : IWorkCommand
{
    /// <inheritdoc/>
    public required WorkOrder Order { get; init; }

    /// <summary>The whole training's dataset, as for <see cref="TrainClassifierSegment"/>; the replica learns from its own part of the training images.</summary>
    public required ObjectRef Dataset { get; init; }

    /// <summary>How to train.</summary>
    public required ClassifierTrainingSpec Training { get; init; }

    /// <summary>The checkpoint whose weights all replicas start from; absent: fresh weights.</summary>
    public ObjectRef? Initial { get; init; }

    /// <summary>Replicas, rounds and averaging.</summary>
    public required Recipes.TrainingRounds Rounds { get; init; }

    /// <summary>The round, from 0.</summary>
    public required int Round { get; init; }

    /// <summary>The replica, from 0.</summary>
    public required int Replica { get; init; }

    /// <summary>Optimization steps of this segment.</summary>
    public required int Steps { get; init; }

    /// <summary>What was averaged after the round before, to go on from; absent in the first round.</summary>
    public ObjectRef? Average { get; init; }

    /// <summary>This replica's own checkpoint of the round before, for its momentum and its random stream; absent in the first round.</summary>
    public ObjectRef? Resume { get; init; }
}

/// <summary>Asks for the average of the checkpoints that a round's replicas left, and for its judgment where the round ended an epoch.</summary>
public sealed record AverageCheckpoints : IWorkCommand
{
    /// <inheritdoc/>
    public required WorkOrder Order { get; init; }

    /// <summary>The whole training's dataset: batch-norm statistics come from its training images, scores from its validation images.</summary>
    public required ObjectRef Dataset { get; init; }

    /// <summary>How the replicas were trained.</summary>
    public required ClassifierTrainingSpec Training { get; init; }

    /// <summary>The checkpoint whose weights all replicas started from; absent: fresh weights.</summary>
    public ObjectRef? Initial { get; init; }

    /// <summary>Replicas, rounds and averaging.</summary>
    public required Recipes.TrainingRounds Rounds { get; init; }

    /// <summary>The round, from 0.</summary>
    public required int Round { get; init; }

    /// <summary>The replicas' checkpoints, in order of their numbers. In a last round of few steps not all replicas have one.</summary>
    public required IReadOnlyList<ObjectRef> Replicas { get; init; }

    /// <summary>What was averaged after the round before; absent in the first round.</summary>
    public ObjectRef? Resume { get; init; }
}

/// <summary>Asks for one segment of a generator's training.</summary>
public sealed record TrainGeneratorSegment : IWorkCommand
{
    /// <inheritdoc/>
    public required WorkOrder Order { get; init; }

    /// <summary>The training pairs: JSON lines of <see cref="CamSource"/>.</summary>
    public required ObjectRef Sources { get; init; }

    /// <summary>The classifier whose CAMs condition the generator; its digest is written into the checkpoint. Absent with <see cref="Lesions"/>.</summary>
    public ObjectRef? Classifier { get; init; }

    /// <summary>The lesion maps that condition the generator, written into the checkpoint; absent with <see cref="Classifier"/>.</summary>
    public LesionMapSpec? Lesions { get; init; }

    /// <summary>The categories, in index order.</summary>
    public required CategoryList Categories { get; init; }

    /// <summary>Name of the preset, such as <c>tiny128</c>.</summary>
    public required string Preset { get; init; }

    /// <summary>Optimization steps of the whole training; absent: the preset's epochs over the sources.</summary>
    public int? TotalSteps { get; init; }

    /// <summary>Seed of weights, draws, crops and flips.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The finished checkpoint of stage 1 to take the global part and the discriminator from; absent: fresh weights.</summary>
    public ObjectRef? Stage1 { get; init; }

    /// <summary>VGG19's weights, safetensors with torchvision's keys, for the perceptual loss; absent: the loss is off.</summary>
    public ObjectRef? Perceptual { get; init; }

    /// <summary>Optimization steps from one preview to the next; absent: none.</summary>
    public int? PreviewSteps { get; init; }

    /// <summary>The training checkpoint to go on from; absent in the first segment.</summary>
    public ObjectRef? Resume { get; init; }

    /// <summary>Optimization steps of this segment.</summary>
    public required int Steps { get; init; }
}

/// <summary>Asks for one segment of a label-conditioned generator's training.</summary>
public sealed record TrainLabelGeneratorSegment : IWorkCommand
{
    /// <inheritdoc/>
    public required WorkOrder Order { get; init; }

    /// <summary>The training images: JSON lines of <see cref="DatasetEntry"/>.</summary>
    public required ObjectRef Dataset { get; init; }

    /// <summary>The categories, in index order.</summary>
    public required CategoryList Categories { get; init; }

    /// <summary>Name of the preset, such as <c>tiny64</c>.</summary>
    public required string Preset { get; init; }

    /// <summary>Optimization steps of the whole training.</summary>
    public required int TotalSteps { get; init; }

    /// <summary>Seed of weights, draws, flips and noise.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Optimization steps from one preview to the next; absent: none.</summary>
    public int? PreviewSteps { get; init; }

    /// <summary>The training checkpoint to go on from; absent in the first segment.</summary>
    public ObjectRef? Resume { get; init; }

    /// <summary>Optimization steps of this segment.</summary>
    public required int Steps { get; init; }
}

/// <summary>Says that a segment of training is done, or a round of replicas' segments averaged.</summary>
public sealed record SegmentTrained
{
    /// <summary>The attempt that did it.</summary>
    public required AttemptRef Attempt { get; init; }

    /// <summary>The checkpoint when <see cref="Finished"/>, else the training checkpoint to go on from: of a learner, of one replica, or averaged.</summary>
    public required ObjectRef Artifact { get; init; }

    /// <summary>Whether training is over.</summary>
    public required bool Finished { get; init; }

    /// <summary>Optimization steps done since the start: of a replica its own, of an averaging those of all replicas together.</summary>
    public required int StepsDone { get; init; }

    /// <summary>The whole curve so far, of a replica that of its round: a JSON document of <see cref="TrainingCurve"/>.</summary>
    public required ObjectRef Curve { get; init; }

    /// <summary>The previews of this segment, in order of steps; absent where none were asked for.</summary>
    public IReadOnlyList<TrainingPreview>? Previews { get; init; }
}

/// <summary>
/// What a generator made in the course of training: of a few of its own sources, or, where it is label-conditioned, of the same noise for each category. Shows, or
/// may resemble, real images: for the collection's owner, never part of a release.
/// </summary>
public sealed record TrainingPreview
{
    /// <summary>Optimization steps done then.</summary>
    public required int Step { get; init; }

    /// <summary>The grid, a PNG: real image, condition map and generated image of some sources of each category, or images from noise by category.</summary>
    public required ObjectRef Grid { get; init; }
}

/// <summary>Losses and scores over the course of training.</summary>
public sealed record TrainingCurve
{
    /// <summary>Named series, each in order of steps.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<CurvePoint>> Series { get; init; }
}

/// <summary>One point of a curve.</summary>
public sealed record CurvePoint
{
    /// <summary>Optimization steps done.</summary>
    public required int Step { get; init; }

    /// <summary>The value then.</summary>
    public required double Value { get; init; }
}
