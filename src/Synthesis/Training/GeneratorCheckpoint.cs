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
        Weights.LoadForInference(network, file.Tensors.Where(t => !IsDiscriminators(t.Key)).ToDictionary(), null);
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

    /// <summary>Whether a generator's checkpoint holds its discriminator too.</summary>
    /// <param name="file">The checkpoint.</param>
    /// <returns>True where it does.</returns>
    public static bool HasDiscriminator(SafeTensorsFile file) => file.Tensors.Keys.Any(IsDiscriminators);

    /// <summary>Writes generator and discriminator as files of their own, each under its published keys and no others.</summary>
    /// <param name="file">A checkpoint that holds both.</param>
    /// <param name="generator">Where the generator goes, a checkpoint too; left open.</param>
    /// <param name="discriminator">Where the discriminator goes; left open.</param>
    /// <exception cref="CheckpointException">It is no generator checkpoint.</exception>
    public static void Split(SafeTensorsFile file, Stream generator, Stream discriminator)
    {
        CheckpointMetadata.Check(file, CheckpointMetadata.Generator);
        SafeTensors.Write(generator, file.Tensors.Where(t => !IsDiscriminators(t.Key)).Select(t => new NamedTensor(t.Key, t.Value)), file.Metadata);
        var metadata = CheckpointMetadata.Create(CheckpointMetadata.Discriminator, CheckpointMetadata.Annotations(file));
        metadata[CheckpointMetadata.ArchitectureKey] = file.Require(CheckpointMetadata.ArchitectureKey);
        SafeTensors.Write(discriminator, file.Under(StageTransfer.DiscriminatorPrefix).Select(t => new NamedTensor(t.Key, t.Value)), metadata);
    }

    /// <summary>Disposes the network.</summary>
    public void Dispose() => Network.Dispose();

    private static bool IsDiscriminators(string key) => key.StartsWith(StageTransfer.DiscriminatorPrefix, StringComparison.Ordinal);
}
