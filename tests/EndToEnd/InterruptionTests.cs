namespace Factory.EndToEnd;

/// <summary>What becomes of a run that is cut off.</summary>
public sealed class InterruptionTests(TestFactory factory)
{
    private const int Kills = 4; // Each costs the items at work an attempt; the fifth could poison one, and rightly.

    [Fact]
    public async Task RunKilledAtRandomMoments_MakesTheSameCorpusBitForBit()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        CompletedRun undisturbed = await factory.Completed;
        string data = await factory.SubmittedAsync(), corpus = factory.NewFolder();

        long held = await KillAsync(data, new Random(seed));
        Outcome watched = await FactoryProcess.RunAsync(data, "run", "watch", "1");

        watched.Code.ShouldBe(0, $"seed {seed}: {watched}");
        (await FactoryProcess.SucceedAsync(data, "corpus", "export", "1", corpus)).Output[^1].ShouldBe(undisturbed.Summary, $"seed {seed}");
        Directory.EnumerateFileSystemEntries(corpus).Select(Path.GetFileName).Order()
            .ShouldBe(Directory.EnumerateFileSystemEntries(undisturbed.Corpus).Select(Path.GetFileName).Order());
        Directory.EnumerateFiles(Path.Combine(data, "store", "staging")).ShouldBeEmpty();
        TestFactory.Count(data, "select count(*) from samples").ShouldBe(TestFactory.Samples);
        TestFactory.Count(data, "select count(*) from work_items where state <> 'Completed'").ShouldBe(0);
        TestFactory.Count(data, "select count(*) from attempts where outcome = 'committed'").ShouldBe(TestFactory.Count(data, "select count(*) from work_items"));
        // A kill loses at most what was held then: the attempt at work, those claimed beside it, and the one before, whose result was sent and not yet committed.
        long lost = TestFactory.Count(data, "select count(*) from attempts where outcome = 'lost'");
        lost.ShouldBeLessThanOrEqualTo(held, $"seed {seed}");
        TestFactory.Count(data, "select count(*) from attempts").ShouldBe(TestFactory.Count(data, "select count(*) from work_items") + lost, $"seed {seed}");
    }

    [Fact]
    public async Task Interrupt_EndsSoonSaysHowToGoOnAndCostsNoAttempt()
    {
        string data = await factory.SubmittedAsync();
        using FactoryProcess watch = FactoryProcess.Start(data, "run", "watch", "1");
        await watch.SeeAsync("working");

        watch.InterruptOnce();
        Outcome ended = await watch.EndAsync().WaitAsync(TimeSpan.FromSeconds(30));

        ended.Code.ShouldBe(130, ended.ToString());
        ended.Errors.ShouldHaveSingleItem().ShouldContain("factory run watch 1");
        TestFactory.Count(data, "select count(*) from attempts where outcome is null or outcome = 'lost'").ShouldBe(0);
        TestFactory.Count(data, "select count(*) from work_items where state not in ('Pending', 'Invited', 'Completed')").ShouldBe(0);
        TestFactory.Count(data, "select count(*) from work_items where state <> 'Completed' and attempt_limit - attempt_count < 5").ShouldBe(0);
    }

    [Fact]
    public async Task SecondCommandOnOneDataFolder_IsRefusedAndNamesTheFirst()
    {
        string data = factory.CopyOf(factory.Imported);
        using FactoryProcess serve = FactoryProcess.Start(data, "serve", "--port", "0");
        await serve.SeeAsync("listening");

        Outcome refused = await FactoryProcess.RunAsync(data, "run", "list");

        refused.Code.ShouldBe(1);
        refused.Errors.ShouldHaveSingleItem().ShouldContain($"in use by process {serve.Id}");
        refused.Errors[0].ShouldContain("FACTORY_URL=http://127.0.0.1:");
        serve.InterruptOnce();
        (await serve.EndAsync()).Code.ShouldBe(0, "being stopped is how serving ends");
        await FactoryProcess.SucceedAsync(data, "run", "list");
    }

    /// <summary>Kills the run's process again and again.</summary>
    /// <returns>Attempts that were held at the kills.</returns>
    private static async Task<long> KillAsync(string data, Random random)
    {
        long held = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            using FactoryProcess watch = FactoryProcess.Start(data, "run", "watch", "1");
            await watch.SeeAsync("working");
            await Task.WhenAny(watch.EndAsync(), Task.Delay(random.Next(4000)));
            if (watch.HasExited) continue;
            watch.KillHard();
            held += TestFactory.Count(data, "select count(*) from attempts where outcome is null");
        }
        return held;
    }
}
