using Factory.Contracts;

namespace Factory.EndToEnd;

/// <summary>Both modalities in one recipe, to the end.</summary>
public sealed class TwoStreamTests(TestFactory factory)
{
    private const string Training = "width: 8, outputStride: 16, size: 64, epochs: 1, drawsPerEpoch: 40, batchSize: 8, augmentation: light, segmentSteps: 10";

    private const string Recipe = $$"""
        apiVersion: factory/v1
        name: both
        collection: eyes
        modality: cfp
        numerics: { device: cpu, threads: 1 }
        steps:
          cfp: { kind: TrainClassifier, {{Training}} }
          cfp-cams: { kind: ComputeCams, classifier: cfp }
          cfp-generator: { kind: TrainGenerator, cams: cfp-cams, preset: tiny64, steps: 10 }
          cfp-corpus: { kind: Synthesize, generator: cfp-generator, samples: 24, shardSize: 24 }
          oct: { kind: TrainClassifier, modality: oct, {{Training}} }
          oct-cams: { kind: ComputeCams, classifier: oct }
          oct-generator: { kind: TrainGenerator, cams: oct-cams, preset: tiny64, steps: 10 }
          oct-corpus: { kind: Synthesize, generator: oct-generator, samples: 24, shardSize: 24 }
          pretrained: { kind: Pretrain, corpus: cfp-corpus, octCorpus: oct-corpus, {{Training}} }
          finetuned: { kind: FineTune, from: pretrained, epochs: 1, drawsPerEpoch: 40, batchSize: 8, augmentation: light }
          strict: { kind: TrainClassifier, modality: both, pairing: strict, {{Training}} }
          scores: { kind: Evaluate, models: [cfp, oct, strict, pretrained, finetuned] }
          alone: { kind: Evaluate, models: [oct] }
        """;

    [Fact]
    public async Task BothModalities_RunToTheEnd_AndEveryModelIsJudgedByTheSamePairs()
    {
        await using ServedFactory served = await ServedFactory.StartAsync(factory.CopyOf(factory.Imported));
        string folder = factory.NewFolder(), csv = Path.Combine(folder, "scores.csv");

        await served.SucceedAsync("run", "submit", factory.RecipeFile(Recipe), "--watch");

        (await served.SucceedAsync("run", "report", "1", folder)).Output.ShouldContain(path => path.EndsWith("contact-sheet-scores.png", StringComparison.Ordinal));
        string report = await File.ReadAllTextAsync(Path.Combine(folder, "report.md"));
        report.ShouldContain("Test split, 8 pairs of real images, each of one eye");
        report.ShouldContain("| Train, OCT |");
        (await served.SucceedAsync("checkpoint", "show", "both-1-finetuned")).Output.ShouldContain(line => line.Contains("two-stream-resnet18-w8-s16", StringComparison.Ordinal));

        await served.SucceedAsync("run", "predictions", "1", "scores", "-o", csv);
        string[] lines = await File.ReadAllLinesAsync(csv);
        lines[0].ShouldBe("model,cfp,oct,truth,predicted,p:Normal,p:DryAmd,p:Pcv,p:WetAmd");
        lines.Length.ShouldBe(1 + (5 * 8));
        string[][] rows = [.. lines.Skip(1).Select(line => line.Split(','))];
        rows.GroupBy(row => row[0]).Select(model => string.Join(';', model.Select(row => $"{row[1]} {row[2]} {row[3]}"))).Distinct().Count().ShouldBe(1);
        rows.ShouldAllBe(row => Math.Abs(row.Skip(5).Sum(value => double.Parse(value, System.Globalization.CultureInfo.InvariantCulture)) - 1) < 1e-5);
        HashSet<string> files = [.. Directory.EnumerateFiles(Path.Combine(factory.Phantoms, "images"), "*.png", SearchOption.AllDirectories).Select(file => Sha256Digest.Of(File.ReadAllBytes(file)).Hex)];
        rows.ShouldAllBe(row => files.Contains(row[1]) && files.Contains(row[2]));

        await served.SucceedAsync("run", "predictions", "1", "alone", "-o", csv);
        (await File.ReadAllLinesAsync(csv))[0].ShouldStartWith("model,image,truth,");
        Outcome refused = await served.RunAsync("run", "predictions", "1", "strict", "-o", csv);
        refused.Errors.ShouldHaveSingleItem().ShouldBe("error: step 'strict' of run 1 is a TrainClassifier; its evaluations are scores, alone.");
    }
}
