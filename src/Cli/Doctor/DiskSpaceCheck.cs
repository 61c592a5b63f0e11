using System.Globalization;

namespace Factory.Cli.Doctor;

/// <summary>Whether the disk of the data folder has room to work.</summary>
/// <param name="path">The folder.</param>
/// <param name="leastBytes">Less free space is a fault. Default 2 GiB: a small run with its checkpoints and some scratch space.</param>
internal sealed class DiskSpaceCheck(string path, long leastBytes = 2L << 30) : IDoctorCheck
{
    /// <inheritdoc/>
    public string Name => "disk space";

    /// <inheritdoc/>
    public Task<CheckResult> RunAsync(CancellationToken cancellationToken)
    {
        string folder = NearestFolder.Of(path);
        long free = new DriveInfo(folder).AvailableFreeSpace;
        string finding = $"{Gibibytes(free)} free at {folder}";
        return Task.FromResult(free >= leastBytes
            ? CheckResult.Ok(finding)
            : CheckResult.Fault(finding, $"free {Gibibytes(leastBytes)} at least, or choose another disk with --data or FACTORY_DATA"));
    }

    private static string Gibibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB");
}
