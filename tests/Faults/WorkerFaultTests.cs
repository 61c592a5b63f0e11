namespace Factory.Faults;

/// <summary>Workers that die, hang, come back, come and go.</summary>
public sealed class WorkerFaultTests(Peace peace)
{
    [Fact]
    public async Task WorkerKilledWhileComputing_CostsAnAttemptAndNothingElse()
    {
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        Service doomed = await factory.WorkerAsync();
        await factory.SubmitAsync();
        await factory.ShardsAsync(2);
        await factory.ComputingAsync(doomed);
        doomed.KillHard();
        await factory.WorkerAsync();

        await factory.ShouldEndAsInPeaceAsync();
        (await factory.CountAsync("select count(*) from attempts where outcome = 'lost'")).ShouldBeInRange(1, 2);
    }

    [Fact]
    public async Task WorkerKilledAfterUploadingBeforePublishing_LeavesABlobAndNoResult()
    {
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        Service doomed = await factory.WorkerAsync();
        await factory.SubmitAsync();
        await factory.ShardsAsync(1);
        await factory.ComputingAsync(doomed);
        int Blobs() => Directory.EnumerateFiles(factory.Objects, "*", SearchOption.AllDirectories).Count();
        Factory.Tests.Servers.RabbitMqServer broker = await peace.RabbitMqAsync();
        await broker.PauseAsync();
        try
        {
            int before = Blobs();
            using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
            while (Blobs() == before) await Task.Delay(10, patience.Token);
            doomed.KillHard();
        }
        finally
        {
            await broker.ResumeAsync();
        }
        await factory.WorkerAsync();

        await factory.ShouldEndAsInPeaceAsync();
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
