namespace Factory.EndToEnd;

/// <summary>What becomes of a run that nothing disturbs.</summary>
public sealed class CorpusTests(TestFactory factory)
{
    [Fact]
    public async Task UndisturbedRun_MakesTheCorpusTheRecipeAsksFor()
    {
        CompletedRun run = await factory.Completed;

        run.Summary.ShouldStartWith($"{TestFactory.Samples} samples in 4 shards, corpus ");
        TestFactory.Count(run.Data, "select count(*) from samples").ShouldBe(TestFactory.Samples);
        TestFactory.Count(run.Data, "select count(*) from attempts where outcome <> 'committed'").ShouldBe(0);
        Directory.EnumerateFiles(run.Corpus).Count().ShouldBe(5, "four shards and the manifest");
        (await FactoryProcess.SucceedAsync(run.Data, "verify", run.Corpus)).Output[^1].ShouldStartWith($"verified: {TestFactory.Samples} samples in 4 shards");
    }

    [Fact]
    public async Task EverySampleCanBeExplainedAndMadeAgain()
    {
        CompletedRun run = await factory.Completed;
        string key = Path.GetFileNameWithoutExtension(TestFactory.Members(run.Corpus).First(name => name.EndsWith(".json", StringComparison.Ordinal)));
        string data = factory.CopyOf(run.Data), shown = factory.NewFolder();

        Outcome explained = await FactoryProcess.SucceedAsync(data, "explain", key, "--regenerate", "--output", shown);

        explained.Output[0].ShouldContain(key);
        explained.Output[^1].ShouldStartWith("made again: identical");
        Directory.EnumerateFiles(shown).Select(Path.GetFileName).Order().ShouldBe(["condition-after.png", "condition-before.png", "image.png"]);
    }

    [Fact]
    public async Task OneByteFlipped_IsFoundAndItsFileNamed()
    {
        CompletedRun run = await factory.Completed;
        string corpus = factory.CopyOf(run.Corpus);
        string shard = Directory.EnumerateFiles(corpus, "*.tar").Order(StringComparer.Ordinal).ElementAt(1);
        byte[] bytes = await File.ReadAllBytesAsync(shard);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(shard, bytes);

        Outcome verified = await FactoryProcess.RunAsync(run.Data, "verify", corpus);

        verified.Code.ShouldBe(1);
        verified.Errors[0].ShouldContain(Path.GetFileName(shard));
        verified.Errors[^1].ShouldStartWith("error:");
        verified.Errors.ShouldAllBe(line => !line.StartsWith("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ReportAndCheckpointCanBeWrittenToFiles()
    {
        CompletedRun run = await factory.Completed;
        string data = factory.CopyOf(run.Data), folder = factory.NewFolder(), checkpoint = Path.Combine(folder, "generator.safetensors");

        (await FactoryProcess.SucceedAsync(data, "run", "report", "1", folder)).Output.ShouldAllBe(path => File.Exists(path));
        await FactoryProcess.SucceedAsync(data, "checkpoint", "export", "tiny-1-generator", checkpoint);
        await FactoryProcess.SucceedAsync(data, "checkpoint", "import", checkpoint, "--name", "again");
    }
}
