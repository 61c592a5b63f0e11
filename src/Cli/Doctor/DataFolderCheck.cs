using Factory.Cli.Hosting;
using Factory.Coordinator.Doctor;

namespace Factory.Cli.Doctor;

/// <summary>Whether the embedded factory's data folder can be written, or made where it is missing. Leaves nothing behind.</summary>
/// <param name="path">The folder.</param>
internal sealed class DataFolderCheck(string path) : IDoctorCheck
{
    private const string ProbeName = ".factory-doctor-probe";

    /// <inheritdoc/>
    public string Name => "data folder";

    /// <inheritdoc/>
    public async Task<CheckResult> RunAsync(CancellationToken cancellationToken)
    {
        string full = Path.GetFullPath(path), existing = NearestFolder.Of(full), probe = Path.Combine(existing, ProbeName);
        if (File.Exists(full)) return CheckResult.Fault($"{full} is a file", "choose a folder with --data or FACTORY_DATA");
        try
        {
            await File.WriteAllBytesAsync(probe, [1], cancellationToken);
            File.Delete(probe);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return CheckResult.Fault($"{existing} cannot be written: {refused.Message}", "change its permissions, or choose another with --data or FACTORY_DATA");
        }
        if (existing != full) return CheckResult.Ok($"{full} does not exist yet and can be made");
        return CheckResult.Ok(DataFolder.HolderOf(full) is { } holder ? $"{full} can be written; in use by {holder}" : $"{full} can be written");
    }
}
