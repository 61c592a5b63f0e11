using Factory.Cli.Output;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;

namespace Factory.Cli.Commands;

/// <summary>Writes a checkpoint so that each file holds one network, under its published keys and no others.</summary>
internal static class CheckpointExport
{
    private const string DiscriminatorSuffix = ".discriminator.safetensors";

    /// <summary>Writes a checkpoint's network, and a generator's discriminator beside it.</summary>
    /// <param name="client">The coordinator.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="path">The file; a discriminator goes to the same name ending in <c>.discriminator.safetensors</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Paths of the files.</returns>
    public static async Task<List<string>> WriteAsync(FactoryClient client, CheckpointDetail checkpoint, string path, CancellationToken cancellationToken)
    {
        byte[] content = await client.DownloadAsync(checkpoint.Object, cancellationToken);
        if (checkpoint.Kind != CheckpointKinds.Generator) return [await RunFiles.WriteAsync(content, path, cancellationToken)];
        using SafeTensorsFile file = SafeTensors.Read(content);
        if (!GeneratorCheckpoint.HasDiscriminator(file)) return [await RunFiles.WriteAsync(content, path, cancellationToken)];
        using MemoryStream generator = new(), discriminator = new();
        GeneratorCheckpoint.Split(file, generator, discriminator);
        return
        [
            await RunFiles.WriteAsync(generator.ToArray(), path, cancellationToken),
            await RunFiles.WriteAsync(discriminator.ToArray(), Path.ChangeExtension(path, null) + DiscriminatorSuffix, cancellationToken),
        ];
    }
}
