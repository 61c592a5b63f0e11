using Factory.Cli.Commands;
using Factory.Cli.Tests.Doctor;
using Factory.Contracts;
using Factory.Contracts.Api;

namespace Factory.Cli.Tests.Output;

public sealed class WorkersTableTests
{
    private static readonly WorkerStatus Idle = CoordinatorChecksTests.Worker("gpu-1");

    [Fact]
    public void Row_SaysWhatTheWorkerIsAndDoes()
    {
        WorkerStatus worker = Idle with
        {
            Build = "0.1.0+0123456789abcdef",
            Device = "cuda",
            DeviceName = "A100",
            DeviceBytes = 80L << 30,
            Threads = 8,
            Checkpoints = [Sha256Digest.Of("generator"u8)],
            Doing = new() { RunId = 3, Step = "corpus", ItemId = 41, Ordinal = 12, Attempt = 2 },
            SecondsAgo = 75,
            SkewSeconds = -1.5,
        };

        WorkersCommand.Cells(worker).ShouldBe(
            ["gpu-1", "0.1.0+01234567", "cuda, A100, 8 threads", "80.0 GiB", Sha256Digest.Of("generator"u8).Short, "run 3 corpus/12, item 41, attempt 2", "1m15s ago", "-1.5s"]);
    }

    [Fact]
    public void Row_TellsIdleFromStopped()
    {
        WorkersCommand.Cells(Idle)[5].ShouldBe("idle");
        WorkersCommand.Cells(Idle with { Stopped = true })[5].ShouldBe("stopped");
    }
}
