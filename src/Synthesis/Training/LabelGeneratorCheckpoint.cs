using Factory.Synthesis.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>A label-conditioned generator read from an inference checkpoint. Owns the network.</summary>
public sealed class LabelGeneratorCheckpoint : IDisposable
{
    private LabelGeneratorCheckpoint(LabelGenerator network) => Network = network;

    /// <summary>The network, in evaluation mode; disposed with this object.</summary>
    public LabelGenerator Network { get; }

    /// <summary>Strings that were given at export.</summary>
    public required IReadOnlyDictionary<string, string> Annotations { get; init; }

    /// <summary>Reads an inference checkpoint.</summary>
    /// <param name="checkpoint">What <see cref="LabelGeneratorTraining.Export(Stream, IReadOnlyDictionary{string, string}?)"/> wrote; a stream that can seek.</param>
    /// <param name="device">Where the network is to lie. Default the CPU.</param>
    /// <returns>The generator; the caller disposes it.</returns>
    /// <exception cref="SafeTensorsException">The checkpoint is malformed.</exception>
    /// <exception cref="CheckpointException">It is no label-conditioned generator's checkpoint, or its tensors do not fit its architecture.</exception>
    public static LabelGeneratorCheckpoint Load(Stream checkpoint, Device? device = null)
    {
        using var file = SafeTensors.Read(checkpoint);
        CheckpointMetadata.Check(file, CheckpointMetadata.LabelGenerator);
        var network = new LabelGenerator(LabelGeneratorArchitecture.FromJson(file.Require(CheckpointMetadata.ArchitectureKey)), null);
        Weights.LoadForInference(network, file.Tensors, device);
        return new LabelGeneratorCheckpoint(network) { Annotations = CheckpointMetadata.Annotations(file) };
    }

    /// <summary>Reads an inference checkpoint in memory.</summary>
    /// <param name="checkpoint">Its bytes.</param>
    /// <param name="device">Where the network is to lie. Default the CPU.</param>
    /// <returns>As for <see cref="Load(Stream, Device?)"/>.</returns>
    public static LabelGeneratorCheckpoint Load(byte[] checkpoint, Device? device = null)
    {
        using var stream = new MemoryStream(checkpoint, writable: false);
        return Load(stream, device);
    }

    /// <summary>Disposes the network.</summary>
    public void Dispose() => Network.Dispose();
}
