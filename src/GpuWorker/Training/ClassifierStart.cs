using System.Globalization;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Devices;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;
using static TorchSharp.torch;

namespace Factory.GpuWorker.Training;

/// <summary>What every kind of a classifier's training begins with, and what its checkpoint says.</summary>
internal static class ClassifierStart
{
    /// <summary>The options of a training.</summary>
    public static ClassifierTrainingOptions Options(ClassifierTrainingSpec spec) => new()
    {
        Architecture = new() { Name = spec.Architecture, Width = spec.Width, OutputStride = spec.OutputStride, Categories = spec.Categories.Count, Size = spec.Size, TwoStream = spec.Pairing is not null },
        CategoryNames = spec.Categories.Names,
        Epochs = spec.Epochs,
        DrawsPerEpoch = spec.DrawsPerEpoch,
        BatchSize = spec.BatchSize,
        LearningRate = spec.LearningRate,
        Augmentation = Enum.Parse<Augmentation>(spec.Augmentation, ignoreCase: true),
        Seed = spec.Seed,
        // Images come resized from the worker's own cache. The checkpoint records options, and its bytes must not depend on a worker's memory.
        CacheBytes = 0,
    };

    /// <summary>The weights to start from, as they lie in the loaded classifier; null: fresh ones.</summary>
    public static Dictionary<string, Tensor>? WeightsOf(LoadedCheckpoints checkpoints, ObjectRef? initial, CategoryList categories) => initial is null
        ? null
        : Weights.Of(checkpoints.Classifier(initial, categories).Network).ToDictionary(weight => weight.Name, weight => weight.Tensor);

    /// <summary>What a finished checkpoint says beside its weights.</summary>
    public static Dictionary<string, string> Annotations(CategoryList categories) =>
        new() { [LoadedCheckpoints.BackgroundAnnotation] = categories.Background.ToString(CultureInfo.InvariantCulture) };
}
