using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.GpuWorker.Reports;

namespace Factory.Cli.Output;

/// <summary>Writes what a run made to files, each through a temporary name, so that none is ever half there.</summary>
internal static class RunFiles
{
    /// <summary>Writes the report, contact sheets and the last preview of each generator.</summary>
    /// <returns>Paths of the files.</returns>
    /// <exception cref="CliException">The run has no report.</exception>
    public static async Task<List<string>> WriteReportAsync(FactoryClient client, RunSnapshot snapshot, string folder, CancellationToken cancellationToken)
    {
        StepOutput report = snapshot.Steps[^1].Output ?? throw new CliException($"run {snapshot.Run.Id} is {snapshot.Run.State}; its report comes when it is completed.");
        Directory.CreateDirectory(folder);
        List<string> paths =
        [
            await WriteAsync(client, report.Report!, Path.Combine(folder, "report.html"), cancellationToken),
            await WriteAsync(client, report.ReportMarkdown!, Path.Combine(folder, "report.md"), cancellationToken),
        ];
        foreach (StepSnapshot step in snapshot.Steps)
        {
            if (step.Output?.ContactSheet is { } sheet) paths.Add(await WriteAsync(client, sheet, Path.Combine(folder, ReportRenderer.ContactSheetName(step.Name)), cancellationToken));
            if (step.Output?.Previews is [.., var preview]) paths.Add(await WriteAsync(client, preview.Grid, Path.Combine(folder, ReportRenderer.PreviewName(step.Name)), cancellationToken));
        }
        return paths;
    }

    /// <summary>Writes one blob to a file.</summary>
    public static async Task<string> WriteAsync(FactoryClient client, ObjectRef blob, string path, CancellationToken cancellationToken) =>
        await WriteAsync(await client.DownloadAsync(blob, cancellationToken), path, cancellationToken);

    /// <summary>Writes bytes to a file.</summary>
    public static async Task<string> WriteAsync(byte[] content, string path, CancellationToken cancellationToken)
    {
        string temporary = path + ".part";
        await File.WriteAllBytesAsync(temporary, content, cancellationToken);
        File.Move(temporary, path, overwrite: true);
        return Path.GetFullPath(path);
    }
}
