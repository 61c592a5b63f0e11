using System.Text;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Telemetry;
using Factory.Storage.Objects;
using MassTransit;

namespace Factory.GpuWorker.Reports;

/// <summary>Renders the report of a run.</summary>
internal sealed class RenderReportConsumer(AttemptRunner runner, IObjectStore objects) : IConsumer<RenderReport>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<RenderReport> context) =>
        runner.RunAsync(context.Message, RenderAsync, context.CancellationToken);

    private async Task<ReportRendered> RenderAsync(RenderReport command, AttemptContext attempt)
    {
        CancellationToken cancellationToken = attempt.CancellationToken;
        ReportContent content = JsonSerializer.Deserialize<ReportContent>(await objects.ReadAsync(command.Content, cancellationToken), ContractJson.Options)!;
        Dictionary<Sha256Digest, byte[]> blobs = [];
        foreach (ObjectRef blob in content.Steps.SelectMany(step => new[] { step.Curve, step.Evaluation, step.Quality, step.ContactSheet, step.Previews is [.., var last] ? last.Grid : null }).OfType<ObjectRef>())
        {
            blobs[blob.Digest] = await objects.ReadAsync(blob, cancellationToken);
        }
        RenderedReport report;
        using (attempt.Phases.Of(Phases.Encode)) report = ReportRenderer.Render(content, blob => blobs[blob.Digest]);
        return new()
        {
            Attempt = attempt.Attempt,
            Artifact = await attempt.UploadAsync(() => objects.PutAsync(Encoding.UTF8.GetBytes(report.Html), MediaTypes.Html, cancellationToken)),
            Markdown = await attempt.UploadAsync(() => objects.PutAsync(Encoding.UTF8.GetBytes(report.Markdown), MediaTypes.Markdown, cancellationToken)),
        };
    }
}
