using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;

namespace Factory.GpuWorker.Reports;

/// <summary>The report of a run in its two forms.</summary>
/// <param name="Html">One self-contained page: styles, charts and images inline, no script, nothing fetched.</param>
/// <param name="Markdown">The same as Markdown (GitHub's tables): curves as first, last and best; contact sheets by name, <c>contact-sheet-STEP.png</c>.</param>
public sealed record RenderedReport(string Html, string Markdown);

/// <summary>Renders the report of a run. Pure: the same content and blobs give the same text, whatever the machine's culture, clock or fonts.</summary>
public static class ReportRenderer
{
    private static ReadOnlySpan<byte> PngSignature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Renders <paramref name="content"/>.</summary>
    /// <param name="content">What to report. Names and the recipe may hold any text; all of it is encoded.</param>
    /// <param name="read">Yields the bytes of a blob that <paramref name="content"/> names: curves, evaluations, comparisons, contact sheets. What it throws passes through.</param>
    /// <returns>The page and its Markdown form, both with line feeds only.</returns>
    /// <exception cref="InvalidDataException">A blob is not what its place in the content says: not the JSON document, or not a PNG.</exception>
    public static RenderedReport Render(ReportContent content, Func<ObjectRef, byte[]> read)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(read);
        ReportModel model = new(content, [.. content.Steps.Select(step => Resolve(step, read))]);
        return new(HtmlReport.Render(model), MarkdownReport.Render(model));
    }

    /// <summary>The name under which a step's contact sheet is exported beside the Markdown form.</summary>
    /// <param name="step">Name of the step; characters that do not belong in a file name become dashes.</param>
    public static string ContactSheetName(string step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return FileName("contact-sheet", step);
    }

    /// <summary>The name under which a generator's last preview is exported beside the Markdown form.</summary>
    /// <param name="step">Name of the step; characters that do not belong in a file name become dashes.</param>
    public static string PreviewName(string step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return FileName("preview", step);
    }

    private static string FileName(string what, string step) => $"{what}-{string.Concat(step.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' ? letter : '-'))}.png";

    private static ResolvedStep Resolve(ReportStep step, Func<ObjectRef, byte[]> read) => new(
        step,
        Document<TrainingCurve>(step, step.Curve, "training curve", read),
        Document<EvaluationReport>(step, step.Evaluation, "evaluation", read),
        Document<CorpusQuality>(step, step.Quality, "comparison with real images", read),
        Png(step, step.ContactSheet, "contact sheet", read),
        Png(step, step.Previews is [.., var last] ? last.Grid : null, "preview", read));

    private static T? Document<T>(ReportStep step, ObjectRef? blob, string what, Func<ObjectRef, byte[]> read)
        where T : class
    {
        if (blob is null) return null;
        try
        {
            return JsonSerializer.Deserialize<T>(read(blob), ContractJson.Options) ?? throw new JsonException("The document is null.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"The {what} of step '{step.Name}', blob {blob.Digest.Short}, is not a {typeof(T).Name} document: {exception.Message}", exception);
        }
    }

    private static byte[]? Png(ReportStep step, ObjectRef? blob, string what, Func<ObjectRef, byte[]> read)
    {
        if (blob is null) return null;
        byte[] bytes = read(blob);
        return bytes.AsSpan().StartsWith(PngSignature)
            ? bytes
            : throw new InvalidDataException($"The {what} of step '{step.Name}', blob {blob.Digest.Short}, is not a PNG image.");
    }
}
