using Factory.Contracts.Api;

namespace Factory.Faults;

/// <summary>The images and the composition that are shipped, used as a user uses them, and disturbed.</summary>
public sealed class CompositionTests(Peace peace)
{
    [Fact]
    public async Task ContainersKilledDrainedAndCutOff_TheCorpusIsThatOfPeace()
    {
        await using Composition factory = await Composition.StartAsync(peace);
        (await factory.StatusWithoutKeyAsync(2, Routes.Runs)).ShouldBe(401);
        foreach (string[] command in peace.Preparation) await factory.CommandAsync(1, command);
        await factory.CommandAsync(1, "run", "submit", peace.Recipe);

        // A coordinator dies at once: from here on the other is asked.
        await ShardsAsync(1);
        await Composition.DockerAsync("kill", await factory.ContainerAsync("coordinator", 1));

        // A worker is asked to stop while it computes, gives its item back in time, and comes again.
        string drained = await factory.ContainerAsync("worker", 1);
        await factory.UntilAsync("the worker is computing", async () =>
            await factory.CountAsync($"select count(*) from attempts a join work_items i on i.id = a.work_item_id where i.kind = 'GenerateShard' and a.worker like '{drained[..12]}/%' and a.outcome is null") > 0);
        await Composition.DockerAsync("stop", "--time", "45", drained);
        (await Composition.DockerAsync("inspect", "--format", "{{.State.ExitCode}}", drained)).Trim().ShouldBe("0");
        (await factory.CountAsync("select count(*) from attempts where outcome = 'lost'")).ShouldBe(0);
        await Composition.DockerAsync("start", drained);

        // The other loses its network for longer than a lease.
        string cut = await factory.ContainerAsync("worker", 2);
        await Composition.DockerAsync("network", "disconnect", factory.WorkNetwork, cut);
        await Task.Delay(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken);
        await Composition.DockerAsync("network", "connect", factory.WorkNetwork, cut);

        await factory.UntilRunAsync(2, run => run.IsFinal);
        await ShouldBeTheCorpusOfPeaceAsync();

        Task ShardsAsync(int least) => factory.UntilRunAsync(2, run => run.Steps.Single(step => step.Kind == "Synthesize").ItemsDone >= least);

        async Task ShouldBeTheCorpusOfPeaceAsync()
        {
            Peace.DigestIn(await factory.CommandAsync(2, "run", "show", "1")).ShouldBe(peace.Digest);
            string corpus = Path.Combine(peace.NewFolder(), "corpus");
            await factory.CommandAsync(2, "corpus", "export", "1", corpus);
            (await factory.CommandAsync(2, "verify", corpus)).ShouldContain(peace.Digest);
            (await factory.CountAsync("select count(distinct key) from samples")).ShouldBe(Peace.Samples);
            (await factory.CountAsync("select count(*) from (select work_item_id from attempts where outcome = 'committed' group by work_item_id having count(*) > 1) twice")).ShouldBe(0);
        }
    }
}
