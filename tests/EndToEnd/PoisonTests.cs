using System.Globalization;
using System.Text.RegularExpressions;

namespace Factory.EndToEnd;

/// <summary>An item that takes the whole process down with it, each time.</summary>
public sealed partial class PoisonTests(TestFactory factory)
{
    private const int AttemptLimit = 5;
    private const int Shards = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Three shards, of which each takes long enough to be caught at work, from checkpoints that are there.</summary>
    private const string Recipe = """
        apiVersion: factory/v1
        name: deadly
        collection: eyes
        modality: cfp
        numerics: { device: cpu, threads: 1 }
        steps:
          cams: { kind: ComputeCams, classifier: "checkpoint:tiny-1-classifier" }
          corpus: { kind: Synthesize, generator: "checkpoint:tiny-1-generator", cams: cams, samples: 450, shardSize: 150 }
        """;

    [Fact]
    public async Task ItemThatKillsItsProcessEachTime_IsPoisonedAndNamedWhileTheOthersAreDone()
    {
        string data = factory.CopyOf((await factory.Completed).Data);
        await FactoryProcess.SucceedAsync(data, "run", "submit", factory.RecipeFile(Recipe));
        for (int attempt = 1; attempt <= AttemptLimit; attempt++)
        {
            using FactoryProcess serve = FactoryProcess.Start(data, "serve", "--port", "0");
            await UntilAsync(serve, () => TestFactory.Count(data, $"{Count} and item.ordinal = 0 and item.state = 'Running' and item.attempt_count = {attempt}") == 1);
            serve.KillHard();
            await serve.EndAsync();
        }

        Outcome faulted = await FactoryProcess.RunAsync(data, "run", "watch", "2");

        faulted.Code.ShouldBe(1, faulted.ToString());
        long deadly = TestFactory.Count(data, $"{Count.Replace("count(*)", "item.id", StringComparison.Ordinal)} and item.ordinal = 0");
        faulted.Errors.ShouldContain(line => SetAside().Match(line).Groups[1].Value == deadly.ToString(CultureInfo.InvariantCulture), faulted.ToString());
        faulted.Errors[^1].ShouldContain("factory run retry 2");
        TestFactory.Count(data, $"{Count} and item.state = 'Poisoned'").ShouldBe(1);
        TestFactory.Count(data, $"{Count} and item.state = 'Completed'").ShouldBe(Shards - 1, "the others are done");
        TestFactory.Count(data, $"select count(*) from attempts where work_item_id = {deadly} and outcome = 'lost'").ShouldBe(AttemptLimit);

        await FactoryProcess.SucceedAsync(data, "run", "retry", "2");
        Outcome completed = await FactoryProcess.RunAsync(data, "run", "watch", "2");

        completed.Code.ShouldBe(0, completed.ToString());
        TestFactory.Count(data, $"{Count} and item.state = 'Completed'").ShouldBe(Shards);
        TestFactory.Count(data, $"select attempt_count from work_items where id = {deadly}").ShouldBe(AttemptLimit + 1);
    }

    private const string Count = "select count(*) from work_items item join run_steps step on step.id = item.run_step_id where item.run_id = 2 and step.name = 'corpus' and item.kind = 'GenerateShard'";

    // The database is the truth about attempts; a shard takes far longer than a look at it.
    private static async Task UntilAsync(FactoryProcess serve, Func<bool> condition)
    {
        using CancellationTokenSource patience = new(Patience);
        while (!condition())
        {
            if (serve.HasExited) throw new InvalidOperationException($"serve ended by itself: {await serve.EndAsync()}");
            await Task.Delay(20, patience.Token);
        }
    }

    [GeneratedRegex(@"^set aside: item (\d+) \(corpus/0\) after 5 attempts: the worker died or fell silent during the attempt$")]
    private static partial Regex SetAside();
}
