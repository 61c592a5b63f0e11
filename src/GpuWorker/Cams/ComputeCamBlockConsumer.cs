using System.Globalization;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Datasets;
using Factory.GpuWorker.Devices;
using Factory.GpuWorker.Telemetry;
using Factory.Storage.Objects;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using MassTransit;
using TorchSharp;

namespace Factory.GpuWorker.Cams;

/// <summary>Computes the CAMs of a block of images. One image at a time: a CAM is cached for good, and must not depend on its neighbors.</summary>
internal sealed class ComputeCamBlockConsumer(
    AttemptRunner runner, TorchDevice device, LoadedCheckpoints checkpoints, DatasetReader datasets, IObjectStore objects) : IConsumer<ComputeCamBlock>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ComputeCamBlock> context) =>
        runner.RunAsync(context.Message, ComputeAsync, context.CancellationToken);

    private async Task<CamBlockComputed> ComputeAsync(ComputeCamBlock block, AttemptContext attempt)
    {
        byte[] bytes = await device.RunAsync(block.Order.Numerics, () => Compute(block, attempt), attempt.CancellationToken);
        return new() { Attempt = attempt.Attempt, Artifact = await attempt.UploadAsync(() => objects.PutAsync(bytes, MediaTypes.SafeTensors, attempt.CancellationToken)) };
    }

    private byte[] Compute(ComputeCamBlock block, AttemptContext attempt)
    {
        ResNet network;
        using (attempt.Phases.Of(Phases.Load)) network = checkpoints.Classifier(block.Classifier).OneStream;
        using Phases.Measure measure = attempt.Phases.Of(Phases.Forward);
        List<Cam> cams = [];
        foreach (ObjectRef image in block.Images)
        {
            attempt.CancellationToken.ThrowIfCancellationRequested();
            using var scope = torch.NewDisposeScope();
            RgbImage input = PilResize.Bicubic(datasets.LoadImage(image), network.Architecture.Size, network.Architecture.Size);
            cams.AddRange(ClassActivation.Compute(network, ImageTensors.ToTensor([input], device.Device)).Cams);
            attempt.Report(cams.Count, block.Images.Count, "images");
        }
        return CamStore.Write(cams, new Dictionary<string, string>
        {
            ["classifier"] = block.Classifier.Digest.Hex,
            ["size"] = network.Architecture.Size.ToString(CultureInfo.InvariantCulture),
            ["images"] = JsonSerializer.Serialize(block.Images.Select(image => image.Digest.Hex)),
        });
    }
}
