using System.Diagnostics;
using Factory.Contracts;
using Factory.Tests.Servers;

namespace Factory.Faults;

/// <summary>Workers that die, hang, come back, come and go.</summary>
public sealed class WorkerFaultTests(Peace peace)
{
    [Fact]
    public async Task WorkerKilledWhileComputing_CostsWhatItHeldAndNothingElse()
    {
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        Service doomed = await factory.WorkerAsync();
        await factory.SubmitAsync();
        await factory.ShardsAsync(2);
        await factory.ComputingAsync(doomed);
        doomed.KillHard();
        long held = await factory.HeldAsync(doomed);
        await factory.WorkerAsync();

        await factory.ShouldEndAsInPeaceAsync();
        await factory.ShouldHaveCostAsync(doomed, held);
    }

    [Fact]
    public async Task WorkerKilledAfterUploadingBeforePublishing_LeavesABlobAndNoResult()
    {
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        Service doomed = await factory.WorkerAsync();
        await factory.SubmitAsync();
        await factory.ShardsAsync(1);
        RabbitMqServer broker = await peace.RabbitMqAsync();
        // A broker that falls silent while a result is on its way is no such moment: nothing is uploaded meanwhile.
        do await factory.ComputingAsync(doomed);
        while (!await KilledAsync());
        await factory.WorkerAsync();

        await factory.ShouldEndAsInPeaceAsync();

        int Blobs() => Directory.EnumerateFiles(factory.Objects, "*", SearchOption.AllDirectories).Count();
        async Task<bool> KilledAsync()
        {
            await broker.PauseAsync();
            try
            {
                int before = Blobs();
                for (Stopwatch waited = Stopwatch.StartNew(); Blobs() == before; await Task.Delay(10, TestContext.Current.CancellationToken))
                {
                    if (waited.Elapsed > TimeSpan.FromSeconds(10)) return false;
                }
                doomed.KillHard();
                return true;
            }
            finally
            {
                await broker.ResumeAsync();
            }
        }
    }

    [Fact]
    public async Task WorkerKilledWhileUploading_LeavesNoPartOfABlob()
    {
        S3Server server = await peace.S3Async();
        await using FaultProxy proxy = FaultProxy.Start(server);
        S3Access bucket = await server.CreateBucketAsync();
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace, bucket);
        Service doomed = await factory.WorkerAsync(("Objects__S3__Endpoint", $"http://127.0.0.1:{proxy.Port}"));
        await factory.SubmitAsync();
        await factory.ShardsAsync(1);
        await factory.ComputingAsync(doomed);
        // A shard is some 100 kB: most of it is on its way for seconds.
        proxy.Fault = Fault.Throttle(20_000);
        long before = proxy.SentBytes;
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        while (proxy.SentBytes < before + 40_000) await Task.Delay(10, patience.Token);
        doomed.KillHard();
        proxy.CutConnections();
        long held = await factory.HeldAsync(doomed);

        IReadOnlyDictionary<string, byte[]> blobs = await S3Server.ReadAllAsync(bucket);
        blobs.Count(blob => blob.Key.StartsWith("objects/", StringComparison.Ordinal)).ShouldBeGreaterThan(0);
        foreach ((string name, byte[] content) in blobs.Where(blob => blob.Key.StartsWith("objects/", StringComparison.Ordinal))) name.ShouldEndWith(Sha256Digest.Of(content).Hex);
        await factory.WorkerAsync();
        await factory.ShouldEndAsInPeaceAsync();
        await factory.ShouldHaveCostAsync(doomed, held);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WorkerWithAFullDisk_SaysSoAndLosesNothing(bool another)
    {
        S3Server server = await peace.S3Async();
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace, await server.CreateBucketAsync());
        // All that a worker writes to a disk: room for CAMs, none for a shard.
        using TestMount disk = TestMount.Make(peace.NewFolder(), "size=64k");
        Service full = await factory.WorkerAsync(
            ("TMPDIR", disk.Folder), ("Scratch__Folder", Path.Combine(disk.Folder, "scratch")),
            ("Objects__S3__ScratchFolder", Path.Combine(disk.Folder, "uploads")), ("Objects__Cache__Folder", Path.Combine(disk.Folder, "cache")));
        await factory.SubmitAsync();
        string said = await full.SeeAsync("does not take writes");
        said.ShouldContain($"attempt 1 failed: The folder {disk.Folder}/uploads, where blobs wait to be uploaded, does not take writes: No space left on device");
        said.ShouldContain("free it up, or choose another disk. This worker rests for 5 s");
        if (another) await factory.WorkerAsync();
        else disk.Remount("size=64m");

        await factory.ShouldEndAsInPeaceAsync();
        (await factory.CountAsync("select count(*) from attempts where outcome = 'lost'")).ShouldBe(0, "the worker itself is well");
        (await factory.CountAsync($"select count(*) from attempts where outcome = 'failed' and error not like '%No space left on device%'")).ShouldBe(0);
        await full.EndAsync();
    }

    [Fact]
    public async Task ItemThatKillsItsWorkerEachTime_IsSetAsideAndNamed_AndARetryEndsAsInPeace()
    {
        const int Limit = 3;
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace, null, ("Runs__AttemptLimit", $"{Limit}"), ("Runs__Lease", "00:00:03"));
        await factory.SubmitAsync();
        const string Deadly = "from work_items i join attempts a on a.work_item_id = i.id and a.number = i.attempt_count where i.kind = 'GenerateShard' and i.ordinal = 0 and i.state = 'Running'";
        for (int attempt = 1; attempt <= Limit; attempt++)
        {
            Service worker = await factory.WorkerAsync();
            await factory.UntilAsync($"select count(*) {Deadly} and a.number = {attempt} and a.worker = '{worker.Worker}'", count => count == 1);
            worker.KillHard();
        }
        await factory.WorkerAsync();
        await factory.UntilAsync("select count(*) from runs where state = 'Faulted'", count => count == 1);

        (await factory.CountAsync("select count(*) from work_items where kind = 'GenerateShard' and state = 'Completed'")).ShouldBe(Peace.Shards - 1, "the others are done");
        long deadly = await factory.CountAsync("select id from work_items where state = 'Poisoned'");
        (await factory.CommandAsync("run", "show", "1")).ShouldContain($"item {deadly} (corpus/0) after {Limit} attempts: the worker died or fell silent during the attempt");
        await factory.CommandAsync("run", "retry", "1");
        await factory.ShouldEndAsInPeaceAsync();
        (await factory.CountAsync($"select count(*) from attempts where work_item_id = {deadly}")).ShouldBe(Limit + 1);
    }

    [Fact]
    public async Task Zombie_ThatComesBackAfterItsItemWasDoneAgain_ChangesNothing()
    {
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        Service zombie = await factory.WorkerAsync();
        await factory.SubmitAsync();
        await factory.ShardsAsync(1);
        await factory.ComputingAsync(zombie);
        zombie.Freeze();
        await factory.WorkerAsync();
        await factory.UntilAsync($"select count(*) from attempts where worker = '{zombie.Worker}' and outcome = 'lost'", count => count > 0);
        zombie.Thaw();

        await factory.ShouldEndAsInPeaceAsync();
    }

    [Fact]
    public async Task HungWorker_LosesItsItemToAnother()
    {
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        Service hung = await factory.WorkerAsync();
        await factory.WorkerAsync();
        await factory.SubmitAsync();
        await factory.ComputingAsync(hung);
        hung.Freeze();

        await factory.ShouldEndAsInPeaceAsync();
    }

    [Fact]
    public async Task Scaling_FromOneToFourToOne_LosesNoAttempt()
    {
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        await factory.WorkerAsync();
        await factory.SubmitAsync();
        await factory.ShardsAsync(1);
        Service[] more = await Task.WhenAll(factory.WorkerAsync(), factory.WorkerAsync(), factory.WorkerAsync());
        await factory.ShardsAsync(4);
        foreach (Service worker in more) (await worker.EndAsync()).ShouldBe(0, worker.Log);

        await factory.ShouldEndAsInPeaceAsync();
        (await factory.CountAsync("select count(*) from attempts where outcome = 'lost'")).ShouldBe(0, "workers that are asked to stop give their attempts back");
    }

    [Fact]
    public async Task CancelUnderLoad_StopsTheWorkSoon_AndARetryEndsAsInPeace()
    {
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        await Task.WhenAll(factory.WorkerAsync(), factory.WorkerAsync());
        await factory.SubmitAsync();
        await factory.ShardsAsync(2);
        await factory.CommandAsync("run", "cancel", "1");
        long done = await factory.CountAsync("select count(*) from work_items where state = 'Completed'");
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        (await factory.CountAsync("select count(*) from work_items where state = 'Completed'")).ShouldBe(done);
        await factory.CommandAsync("run", "retry", "1");

        await factory.ShouldEndAsInPeaceAsync();
    }
}
