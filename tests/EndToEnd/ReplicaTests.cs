namespace Factory.EndToEnd;

/// <summary>Training over replicas in the embedded factory.</summary>
public sealed class ReplicaTests(TestFactory factory)
{
    private const string Training = "width: 8, outputStride: 16, size: 64, epochs: 2, drawsPerEpoch: 80, batchSize: 8, augmentation: light, replicas: 2, roundSteps: 10";

    private const string Recipe = $$"""
        apiVersion: factory/v1
        name: many
        collection: eyes
        modality: cfp
        numerics: { device: cpu, threads: 1 }
        steps:
          plain: { kind: TrainClassifier, {{Training}} }
          pairs: { kind: TrainClassifier, modality: both, pairing: strict, {{Training}}, averaging: nesterov }
          tuned: { kind: FineTune, from: plain, epochs: 1, drawsPerEpoch: 80, batchSize: 8, augmentation: light, replicas: 2, roundSteps: 10 }
          scores: { kind: Evaluate, models: [plain, tuned] }
        """;

    [Fact]
    public async Task TwoReplicas_TrainToTheEnd_ToTheSameBytesEachTime()
    {
        await using ServedFactory served = await ServedFactory.StartAsync(factory.CopyOf(factory.Imported));
        string recipe = factory.RecipeFile(Recipe), folder = factory.NewFolder();

        await served.SucceedAsync("run", "submit", recipe, "--watch");
        await served.SucceedAsync("run", "submit", recipe, "--watch");

        Outcome first = await served.SucceedAsync("run", "show", "1"), second = await served.SucceedAsync("run", "show", "2");
        first.Output.ShouldContain(line => line.Contains("2 rounds of 2 replicas", StringComparison.Ordinal));
        string[] digests = Digests(first);
        digests.Length.ShouldBe(3);
        Digests(second).ShouldBe(digests);
        await served.SucceedAsync("run", "report", "1", folder);
        string report = await File.ReadAllTextAsync(Path.Combine(folder, "report.md"));
        report.ShouldContain("| crossEntropy, replica 02 |");
        report.ShouldContain("| validationSenSpeF1 |");

        static string[] Digests(Outcome shown) => [.. shown.Output.Where(line => line.Contains(": checkpoint ", StringComparison.Ordinal)).Select(line => line.Split(' ')[^1])];
    }
}
