using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Microsoft.Extensions.DependencyInjection;

namespace Factory.GpuWorker.Tests.Attempts;

/// <summary>Invitations that a test has a worker's runner take up, and what they come to.</summary>
internal static class RunnerWork
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    public static readonly ObjectRef Blob = new() { Digest = Sha256Digest.Of("blob"u8), Bytes = 4, MediaType = MediaTypes.Html };

    public static AttemptRunner Runner(TestWorker worker) => worker.Services.GetRequiredService<AttemptRunner>();

    public static RenderReport Command(TestWorker worker, int runId = 1, ObjectRef? content = null) => new() { Order = worker.Order(runId), Content = content ?? Blob };

    public static ReportRendered Result(AttemptContext attempt) => new() { Attempt = attempt.Attempt, Artifact = Blob, Markdown = Blob };

    public static async Task<ReportRendered> EndlessAsync(AttemptContext attempt, TaskCompletionSource begun)
    {
        begun.SetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, attempt.CancellationToken);
        return Result(attempt);
    }
}
