using Factory.Synthesis.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>A classifier read from an inference checkpoint. Owns the network.</summary>
public sealed class ClassifierCheckpoint : IDisposable
{
    private ClassifierCheckpoint(ClassifierNetwork network) => Network = network;

    /// <summary>The network, of one stream or two, in evaluation mode; disposed with this object.</summary>
    public ClassifierNetwork Network { get; }

    /// <summary>The network of one stream, whose CAMs can condition a generator.</summary>
    /// <exception cref="CheckpointException">The classifier is of two streams.</exception>
    public ResNet OneStream => Network as ResNet ?? throw new CheckpointException($"The classifier is a {Network.Architecture.Word}, expected one of one stream.");

    /// <summary>Names of the categories in index order.</summary>
    public required IReadOnlyList<string> CategoryNames { get; init; }

    /// <summary>Scores on the validation set; null where there was none.</summary>
    public required ValidationScores? Validation { get; init; }

    /// <summary>Strings that were given at export.</summary>
    public required IReadOnlyDictionary<string, string> Annotations { get; init; }

    /// <summary>Reads an inference checkpoint.</summary>
    /// <param name="checkpoint">What <see cref="ClassifierTraining.Export(Stream, IReadOnlyDictionary{string, string}?)"/> wrote; a stream that can seek.</param>
    /// <param name="device">Where the network is to lie. Default the CPU.</param>
    /// <returns>The classifier; the caller disposes it.</returns>
    /// <exception cref="SafeTensorsException">The checkpoint is malformed.</exception>
    /// <exception cref="CheckpointException">It is no classifier checkpoint, or its tensors do not fit its architecture.</exception>
    public static ClassifierCheckpoint Load(Stream checkpoint, Device? device = null)
    {
        using var file = SafeTensors.Read(checkpoint);
        CheckpointMetadata.Check(file, CheckpointMetadata.Classifier, CheckpointMetadata.TwoStream);
        var architecture = ClassifierArchitecture.FromJson(file.Require(CheckpointMetadata.ArchitectureKey));
        CheckpointMetadata.Check(file, CheckpointMetadata.KindOf(architecture));
        var names = CheckpointJson.Parse<List<string>>(file.Require(CheckpointMetadata.CategoriesKey), "categories");
        if (names.Count != architecture.Categories)
            throw new CheckpointException($"The checkpoint names {names.Count} categories, its network has {architecture.Categories}.");
        var network = ClassifierNetwork.Create(architecture, null);
        Weights.LoadForInference(network, file.Tensors, device);
        return new ClassifierCheckpoint(network)
        {
            CategoryNames = names,
            Validation = file.Metadata.TryGetValue(CheckpointMetadata.ValidationKey, out var scores) ? CheckpointJson.Parse<ValidationScores>(scores, "validation") : null,
            Annotations = CheckpointMetadata.Annotations(file),
        };
    }

    /// <summary>Reads an inference checkpoint in memory.</summary>
    /// <param name="checkpoint">Its bytes.</param>
    /// <param name="device">Where the network is to lie. Default the CPU.</param>
    /// <returns>As for <see cref="Load(Stream, Device?)"/>.</returns>
    public static ClassifierCheckpoint Load(byte[] checkpoint, Device? device = null)
    {
        using var stream = new MemoryStream(checkpoint, writable: false);
        return Load(stream, device);
    }

    /// <summary>Disposes the network.</summary>
    public void Dispose() => Network.Dispose();
}
