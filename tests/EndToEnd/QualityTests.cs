using System.Text.Json;

namespace Factory.EndToEnd;

/// <summary>A corpus whose samples are measured and rejected, from recipe to report.</summary>
public sealed class QualityTests(TestFactory factory)
{
    private const string Recipe = """
        apiVersion: factory/v1
        name: measured
        collection: eyes
        modality: cfp
        numerics: { device: cpu, threads: 1 }
        steps:
          classifier: { kind: TrainClassifier, width: 8, outputStride: 16, size: 64, epochs: 1, drawsPerEpoch: 80, batchSize: 8, augmentation: light, segmentSteps: 10 }
          cams: { kind: ComputeCams, classifier: classifier, blockSize: 8 }
          generator: { kind: TrainGenerator, cams: cams, preset: tiny64, steps: 10, segmentSteps: 10 }
          corpus: { kind: Synthesize, generator: generator, samples: 36, shardSize: 12, quality: { corpusSamples: 20 }, reject: { labelFidelityBelow: 0.24, camConsistencyBelow: -0.5, redraws: 1 } }
          blunt: { kind: Synthesize, generator: generator, samples: 8, quality: {}, reject: { sharpnessBelow: 100, redraws: 0 } }
        """;

    [Fact]
    public async Task CountsAddUp_TheReportHasTheFigures_AndASecondRunTheSameBytes()
    {
        await using ServedFactory served = await ServedFactory.StartAsync(factory.CopyOf(factory.Imported));
        string recipe = factory.RecipeFile(Recipe);
        string first = await MakeAsync(served, recipe, 1), second = await MakeAsync(served, recipe, 2);

        byte[] manifest = await File.ReadAllBytesAsync(Path.Combine(first, "manifest.json"));
        (await File.ReadAllBytesAsync(Path.Combine(second, "manifest.json"))).ShouldBe(manifest);
        JsonElement root = JsonDocument.Parse(manifest).RootElement;
        long samples = root.GetProperty("samples").GetInt64(), rejected = root.GetProperty("rejected").EnumerateObject().Sum(reason => reason.Value.GetInt64());
        (samples + rejected).ShouldBe(36);
        samples.ShouldBeGreaterThan(0);
        root.GetProperty("rejected").EnumerateObject().Select(reason => reason.Name).ShouldBeSubsetOf(["labelFidelity", "camConsistency"]);

        IReadOnlyList<string> shown = (await served.SucceedAsync("run", "show", "1")).Output;
        shown.ShouldContain(line => line.StartsWith($"corpus: {samples} samples, rejected: ", StringComparison.Ordinal));
        shown.ShouldContain("blunt: 0 samples, rejected: sharpness 8");
        shown.ShouldContain(line => line.StartsWith($"corpus: {Math.Min(20, samples)} samples and ", StringComparison.Ordinal) && line.Contains("FID ", StringComparison.Ordinal));
        string folder = factory.NewFolder();
        await served.SucceedAsync("run", "report", "1", folder);
        string report = await File.ReadAllTextAsync(Directory.EnumerateFiles(folder, "*.md").Single());
        report.ShouldContain("| Compared | Samples | Real images | FID | KID | Precision | Recall |");
        foreach (string score in (string[])["labelFidelity", "camConsistency", "sharpness", "fieldOfView", "nearestTrainingDistance"]) report.ShouldContain($"| {score} |");

        string key = Path.GetFileNameWithoutExtension(TestFactory.Members(first).First(name => name.EndsWith(".json", StringComparison.Ordinal)));
        Outcome explained = await served.SucceedAsync("explain", key, "--regenerate", "--output", factory.NewFolder());
        explained.Output.ShouldContain(line => line.StartsWith("scores ", StringComparison.Ordinal) && line.Contains("nearestTrainingDistance", StringComparison.Ordinal));
        explained.Output[^1].ShouldStartWith("made again: identical");
    }

    private async Task<string> MakeAsync(ServedFactory served, string recipe, int run)
    {
        string corpus = factory.NewFolder();
        await served.SucceedAsync("run", "submit", recipe);
        await served.SucceedAsync("run", "watch", $"{run}");
        await served.SucceedAsync("corpus", "export", $"{run}", corpus, "--step", "corpus");
        return corpus;
    }
}
