using Factory.Synthesis.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>A generator read from an inference checkpoint. Owns the network.</summary>
public sealed class GeneratorCheckpoint : IDisposable
{
    private GeneratorCheckpoint(ImageGenerator network) => Network = network;

    /// <summary>The network, in evaluation mode; disposed with this object.</summary>
    public ImageGenerator Network { get; }

    /// <summary>Strings that were given at export.</summary>
    public required IReadOnlyDictionary<string, string> Annotations { get; init; }

    /// <summary>Reads an inference checkpoint.</summary>
    /// <param name="checkpoint">What <see cref="GeneratorTraining.Export(Stream, IReadOnlyDictionary{string, string}?)"/> wrote; a stream that can seek.</param>
    /// <param name="device">Where the network is to lie. Default the CPU.</param>
    /// <param name="type">What its weights are converted to. Default float32; bfloat16 is faster where the processor has it, see docs/generator.md for the error.</param>
    /// <returns>The generator; the caller disposes it.</returns>
    /// <exception cref="SafeTensorsException">The checkpoint is malformed.</exception>
    /// <exception cref="CheckpointException">It is no generator checkpoint, or its tensors do not fit its architecture.</exception>
    public static GeneratorCheckpoint Load(Stream checkpoint, Device? device = null, ScalarType type = ScalarType.Float32)
    {
        using var file = SafeTensors.Read(checkpoint);
        CheckpointMetadata.Check(file, CheckpointMetadata.Generator);
        var network = ImageGenerator.Create(GeneratorArchitecture.FromJson(file.Require(CheckpointMetadata.ArchitectureKey)), null);
        try
        {
            Weights.Load(network, file.Tensors.Where(t => !t.Key.StartsWith(StageTransfer.DiscriminatorPrefix, StringComparison.Ordinal)).ToDictionary());
        }
        catch
        {
            network.Dispose();
            throw;
        }

        network.eval();
        network.to(device ?? CPU, type);
        return new GeneratorCheckpoint(network) { Annotations = CheckpointMetadata.Annotations(file) };
    }

    /// <summary>Reads an inference checkpoint in memory.</summary>
    /// <param name="checkpoint">Its bytes.</param>
    /// <param name="device">Where the network is to lie. Default the CPU.</param>
    /// <param name="type">What its weights are converted to. Default float32.</param>
    /// <returns>As for <see cref="Load(Stream, Device?, ScalarType)"/>.</returns>
    public static GeneratorCheckpoint Load(byte[] checkpoint, Device? device = null, ScalarType type = ScalarType.Float32)
    {
        using var stream = new MemoryStream(checkpoint, writable: false);
        return Load(stream, device, type);
    }

    /// <summary>The strings that a generator's checkpoint was given at export, without its network.</summary>
    /// <param name="file">The checkpoint.</param>
    /// <returns>The strings by key.</returns>
    /// <exception cref="CheckpointException">It is no generator checkpoint.</exception>
    public static IReadOnlyDictionary<string, string> AnnotationsOf(SafeTensorsFile file)
    {
        CheckpointMetadata.Check(file, CheckpointMetadata.Generator);
        return CheckpointMetadata.Annotations(file);
    }

    /// <summary>Disposes the network.</summary>
    public void Dispose() => Network.Dispose();
}
