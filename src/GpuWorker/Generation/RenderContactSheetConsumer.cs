using Factory.Contracts;
using Factory.Contracts.Sampling;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Datasets;
using Factory.GpuWorker.Devices;
using Factory.GpuWorker.Telemetry;
using Factory.Storage.Objects;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;
using MassTransit;

namespace Factory.GpuWorker.Generation;

/// <summary>Renders the contact sheet of a corpus: for a few sources of each category, the image, its CAM, its condition map, and what each
/// manipulation makes of it. Of a label-conditioned generator it shows no real image, only what the generator makes of the same noise for each category.</summary>
internal sealed class RenderContactSheetConsumer(
    AttemptRunner runner, TorchDevice device, LoadedCheckpoints checkpoints, DatasetReader datasets, CamStore cams, IObjectStore objects) : IConsumer<RenderContactSheet>
{
    private const int CellSize = 160;

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<RenderContactSheet> context) =>
        runner.RunAsync(context.Message, RenderAsync, context.CancellationToken);

    private async Task<ContactSheetRendered> RenderAsync(RenderContactSheet command, AttemptContext attempt)
    {
        CancellationToken cancellationToken = attempt.CancellationToken;
        List<CamSource> sources = command.Sources is { } list ? await JsonLines.ReadAsync<CamSource>(objects, list, cancellationToken).ToListAsync(cancellationToken) : [];
        byte[] png = await device.RunAsync(
            command.Order.Numerics,
            () =>
            {
                using Phases.Measure measure = attempt.Phases.Of(Phases.Forward);
                return command.Sources is null ? RenderLabels(command, cancellationToken) : Render(command, ConditionBasis.Of(command.Synthesis, command.Classifier), sources, cancellationToken);
            },
            cancellationToken);
        return new() { Attempt = attempt.Attempt, Artifact = await attempt.UploadAsync(() => objects.PutAsync(png, MediaTypes.Png, cancellationToken)) };
    }

    private byte[] Render(RenderContactSheet command, ConditionBasis basis, List<CamSource> sources, CancellationToken cancellationToken)
    {
        SynthesisSpec spec = command.Synthesis;
        ImageGenerator generator = checkpoints.Generator(command.Generator, basis, spec).Network;
        SamplePreparation preparation = new(spec, sources, cams, basis, generator.Architecture.Size);
        string[] manipulations = [.. spec.Manipulations.Select(choice => choice.Name).Except(["ori"])];
        ContactSheet sheet = new($"{command.Order.Step}: real sources and what is made of them", ["source", basis.Title, "condition", "reconstruction", .. manipulations], CellSize);
        for (int label = 0; label < spec.Categories.Count; label++)
        {
            if (spec.Counts[label] == 0) continue;
            foreach (int source in SheetRows.SourcesOf(sources, label, command.RowsPerCategory, spec.Seed))
            {
                cancellationToken.ThrowIfCancellationRequested();
                sheet.AddRow(spec.Categories.Names[label], Row(preparation, generator, sources[source], source, manipulations, basis, spec));
            }
        }
        return sheet.ToPng();
    }

    private byte[] RenderLabels(RenderContactSheet command, CancellationToken cancellationToken)
    {
        SynthesisSpec spec = command.Synthesis;
        LabelGenerator generator = checkpoints.LabelGenerator(command.Generator, spec).Network;
        return LabelGrid.Render(
            $"{command.Order.Step}: generated from noise and category", spec.Categories, Enumerable.Range(0, spec.Categories.Count).Where(label => spec.Counts[label] > 0), command.RowsPerCategory, spec.Seed,
            samples =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return LabelNoise.Generate(generator, samples, device.Device);
            });
    }

    private List<RgbImage?> Row(
        SamplePreparation preparation, ImageGenerator generator, CamSource source, int number, string[] manipulations, ConditionBasis basis, SynthesisSpec spec)
    {
        RgbImage image = datasets.LoadImage(source.Image);
        Cam cam = preparation.Cam(number);
        ConditionMap original = preparation.Original(number);
        List<ConditionMap> maps = [original, .. manipulations.Select(name => preparation.Show(number, name, SampleSeeds.Derive(spec.Seed, number, 0)))];
        return [image, Overlay.Heat(image, Shown(cam, source.Label, basis), cam.Height, cam.Width), SheetRows.Picture(original), .. Synthesis.Cams.Generation.Generate(generator, maps, device.Device)];
    }

    // A healthy eye has no lesion of its own: what comes closest to one is shown. Of lesion maps all kinds are.
    private static float[] Shown(Cam cam, int label, ConditionBasis basis)
    {
        if (basis.Lesions is not null) return [.. Enumerable.Range(0, cam.Height * cam.Width).Select(cell => Enumerable.Range(1, cam.K - 1).Max(kind => cam.Channel(kind)[cell]))];
        int background = basis.Categories.Background;
        int channel = label != background ? label : Enumerable.Range(0, cam.K).Where(other => other != background).MaxBy(other => cam.Channel(other).ToArray().Max());
        return cam.Channel(channel).ToArray();
    }
}
