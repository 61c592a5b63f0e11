using System.Globalization;

namespace Factory.Coordinator.Doctor;

/// <summary>Whether a folder's disk has room to work.</summary>
/// <param name="path">The folder.</param>
/// <param name="settings">What chooses another.</param>
/// <param name="leastBytes">Less free space is a fault. Default 2 GiB: a small run with its checkpoints and some scratch space.</param>
/// <param name="note">What to add to the finding; null: nothing.</param>
public sealed class DiskSpaceCheck(string path, string settings, long leastBytes = 2L << 30, string? note = null) : IDoctorCheck
{
    /// <inheritdoc/>
    public string Name => "disk space";

    /// <inheritdoc/>
    public Task<CheckResult> RunAsync(CancellationToken cancellationToken)
    {
        string folder = NearestFolder.Of(path);
        long free = new DriveInfo(folder).AvailableFreeSpace;
        string finding = $"{Gibibytes(free)} free at {folder}{(note is null ? "" : $"; {note}")}";
        return Task.FromResult(free >= leastBytes
            ? CheckResult.Ok(finding)
            : CheckResult.Fault(finding, $"free {Gibibytes(leastBytes)} at least, or choose another disk with {settings}"));
    }

    private static string Gibibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB");
}
