using System.Net;
using System.Net.Sockets;
using Factory.Tests.Servers;

namespace Factory.EndToEnd;

/// <summary>What can be wrong is said in a line, and leaves nothing behind.</summary>
public sealed class BadInputTests(TestFactory factory)
{
    [Theory]
    [InlineData("steps: [", "recipe.yaml")]
    [InlineData("kind: TrainClassifier, wdith: 8", "width")]
    [InlineData("kind: Synthesize, generator: nowhere", "nowhere")]
    [InlineData("kind: FineTune, from: only", "only")]
    [InlineData("kind: TrainClassifier, size: 512", "512 px")]
    [InlineData("kind: ComputeCams, classifier: 'checkpoint:published'", "published")]
    public async Task BadStep_IsNamed(string step, string named) =>
        await RefusedAsync(["run", "submit", Recipe($"steps:\n  only: {{ {step} }}")], named);

    [Fact]
    public async Task CyclicRecipe_IsRefused() =>
        await RefusedAsync(["run", "submit", Recipe("steps:\n  one: { kind: FineTune, from: two }\n  two: { kind: FineTune, from: one }")], "one");

    [Fact]
    public async Task RecipeOfUnknownCollection_IsToldWhichThereAre() =>
        await RefusedAsync(["run", "submit", factory.RecipeFile(TestFactory.Recipe.Replace("collection: eyes", "collection: ears", StringComparison.Ordinal))], "there are: eyes");

    [Theory]
    [InlineData("nowhere.yaml", "run", "submit", "nowhere.yaml")]
    [InlineData("nowhere.yaml", "recipe", "validate", "nowhere.yaml")]
    [InlineData("there is no run 99", "run", "show", "99")]
    [InlineData("there is no run 99", "run", "watch", "99")]
    [InlineData("there is no run 99", "run", "retry", "99")]
    [InlineData("0123-4567", "explain", "0123-4567")]
    [InlineData("/nowhere", "verify", "/nowhere")]
    [InlineData("/nowhere", "collection", "import", "/nowhere", "--name", "eyes")]
    [InlineData("ears", "collection", "show", "ears")]
    [InlineData("/nowhere", "checkpoint", "import", "/nowhere", "--name", "it")]
    [InlineData("published", "checkpoint", "show", "published")]
    public async Task WhatIsNotThere_IsNamed(string named, params string[] command) => await RefusedAsync(command, named);

    [Fact]
    public async Task PhantomsAmongForeignFiles_AreRefused()
    {
        string folder = factory.NewFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "thesis.txt"), "mine");

        await RefusedAsync(["phantom", folder], folder);

        Directory.EnumerateFileSystemEntries(folder).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(-1)]
    public async Task TruncatedCheckpoint_IsRefused(int bytes)
    {
        CompletedRun run = await factory.Completed;
        string data = factory.CopyOf(run.Data), file = Path.Combine(factory.NewFolder(), "cut.safetensors");
        await FactoryProcess.SucceedAsync(data, "checkpoint", "export", "tiny-1-classifier", file);
        await using (FileStream stream = File.OpenWrite(file)) stream.SetLength(bytes < 0 ? stream.Length + bytes : bytes);

        await RefusedAsync(["checkpoint", "import", file, "--name", "cut"], file);
    }

    [Fact]
    public async Task CorpusExportAmongForeignFiles_IsRefused()
    {
        CompletedRun run = await factory.Completed;
        string data = factory.CopyOf(run.Data), folder = factory.NewFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "thesis.txt"), "mine");

        ShouldBeRefused(await FactoryProcess.RunAsync(data, "corpus", "export", "1", folder), "thesis.txt");

        Directory.EnumerateFileSystemEntries(folder).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task TakenPort_IsNamed()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(null, null);

        await RefusedAsync(["serve", "--port", port], port);
    }

    [Fact]
    public async Task ReadOnlyDataFolder_IsNamed()
    {
        using TestMount mount = TestMount.Make(factory.NewFolder(), "ro,size=1m");

        ShouldBeRefused(await FactoryProcess.RunAsync(mount.Folder, "run", "list"), mount.Folder);
    }

    [Fact]
    public async Task DamagedDatabase_IsNamedAndLeftAsItIs()
    {
        string data = factory.NewFolder(), database = Path.Combine(data, "factory.db");
        await File.WriteAllTextAsync(database, new string('x', 5000));

        ShouldBeRefused(await FactoryProcess.RunAsync(data, "run", "list"), "the database file cannot be read");

        (await File.ReadAllTextAsync(database)).ShouldBe(new string('x', 5000));
    }

    [Fact]
    public async Task FullDisk_IsNamedAndTheSameCommandGoesOnWhenThereIsSpace()
    {
        using TestMount mount = TestMount.Make(factory.NewFolder(), "size=512k");
        string[] import = ["collection", "import", factory.Phantoms, "--name", "eyes"];

        ShouldBeRefused(await FactoryProcess.RunAsync(mount.Folder, import), "");

        mount.Remount("size=64m");
        await FactoryProcess.SucceedAsync(mount.Folder, import);
    }

    private string Recipe(string steps) => factory.RecipeFile($"apiVersion: factory/v1\nname: bad\ncollection: eyes\nmodality: cfp\n{steps}\n");

    // Nothing of it may be registered: the database holds what it held.
    private async Task RefusedAsync(string[] command, string named)
    {
        string data = factory.CopyOf(factory.Imported);
        ShouldBeRefused(await FactoryProcess.RunAsync(data, command), named);
        TestFactory.Count(data, "select (select count(*) from runs) + (select count(*) from checkpoints)").ShouldBe(0);
        TestFactory.Count(data, "select count(*) from collection_versions").ShouldBe(1);
    }

    private static void ShouldBeRefused(Outcome outcome, string named)
    {
        outcome.Code.ShouldBe(1, outcome.ToString());
        outcome.Errors.Count.ShouldBeInRange(1, 3, outcome.ToString());
        outcome.Errors.Count(line => line.StartsWith("error:", StringComparison.Ordinal)).ShouldBe(1, outcome.ToString());
        string.Join('\n', outcome.Errors).ShouldContain(named, Case.Sensitive);
        outcome.Errors.ShouldAllBe(line => !line.TrimStart().StartsWith("at ", StringComparison.Ordinal));
    }
}
