using System.Globalization;

namespace Factory.EndToEnd;

/// <summary>Two trials of every classifier that is judged, from submission to the report.</summary>
public sealed class TrialTests(TestFactory factory)
{
    private const string Training = "width: 8, outputStride: 16, size: 64, epochs: 1, drawsPerEpoch: 40, batchSize: 8, augmentation: light";

    private const string Recipe = $$"""
        apiVersion: factory/v1
        name: trials
        collection: eyes
        modality: cfp
        trials: 2
        numerics: { device: cpu, threads: 1 }
        steps:
          scout: { kind: TrainClassifier, {{Training}} }
          cams: { kind: ComputeCams, classifier: scout }
          generator: { kind: TrainGenerator, cams: cams, preset: tiny64, steps: 10, previewSteps: 10 }
          corpus: { kind: Synthesize, generator: generator, samples: 24, shardSize: 24 }
          baseline: { kind: TrainClassifier, {{Training}} }
          pretrained: { kind: Pretrain, corpus: corpus, {{Training}} }
          finetuned: { kind: FineTune, from: pretrained, epochs: 1, drawsPerEpoch: 40, batchSize: 8, augmentation: light }
          scores: { kind: Evaluate, models: [baseline, finetuned] }
        """;

    [Fact]
    public async Task Trials_DifferInTheirSeedsOnly_AndAreReportedTogether()
    {
        await using ServedFactory served = await ServedFactory.StartAsync(factory.CopyOf(factory.Imported));
        string folder = factory.NewFolder(), csv = Path.Combine(folder, "scores.csv");

        await served.SucceedAsync("run", "submit", factory.RecipeFile(Recipe), "--watch");

        IReadOnlyList<string> shown = (await served.SucceedAsync("run", "show", "1")).Output;
        string[] made = [.. shown.Where(line => line.Contains(": checkpoint ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2])];
        made.ShouldBe(
        [
            "trials-1-scout", "trials-1-generator", "trials-1-baseline", "trials-1-baseline.trial2", "trials-1-pretrained", "trials-1-pretrained.trial2", "trials-1-finetuned", "trials-1-finetuned.trial2",
        ]);
        shown.Where(line => line.Contains(": checkpoint ", StringComparison.Ordinal)).Select(line => line.Split(' ')[^1]).ShouldBeUnique();

        IReadOnlyList<string> files = (await served.SucceedAsync("run", "report", "1", folder)).Output;
        files.ShouldContain(path => path.EndsWith("preview-generator.png", StringComparison.Ordinal));
        string report = await File.ReadAllTextAsync(Path.Combine(folder, "report.md"));
        report.ShouldContain("Differences from baseline:");
        report.ShouldContain("### finetuned (FineTune, 2 trials)");
        report.ShouldContain(" ± ");

        await served.SucceedAsync("run", "predictions", "1", "scores", "-o", csv);
        string[][] rows = [.. (await File.ReadAllLinesAsync(csv)).Select(line => line.Split(','))];
        rows[0][..3].ShouldBe(["model", "trial", "image"]);
        rows.Skip(1).GroupBy(row => (row[0], row[1])).Select(trial => trial.Key).ShouldBe([("baseline", "1"), ("baseline", "2"), ("finetuned", "1"), ("finetuned", "2")]);
        rows.Skip(1).GroupBy(row => row[2]).ShouldAllBe(image => image.Count() == 4);
        double accuracy = rows.Skip(1).Where(row => row[0] == "baseline").Average(row => row[3] == row[4] ? 1.0 : 0);
        report.ShouldContain(string.Create(CultureInfo.InvariantCulture, $"{accuracy:0.000} ± "));
    }
}
