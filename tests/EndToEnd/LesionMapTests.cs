namespace Factory.EndToEnd;

/// <summary>Lesion masks in place of CAMs, to the end.</summary>
public sealed class LesionMapTests(TestFactory factory)
{
    private const string Recipe = """
        apiVersion: factory/v1
        name: masked
        collection: masked
        modality: cfp
        numerics: { device: cpu, threads: 1 }
        steps:
          lesions: { kind: LesionMaps, grid: 16 }
          generator: { kind: TrainGenerator, cams: lesions, preset: tiny64, steps: 20, segmentSteps: 10, previewSteps: 10 }
          judge: { kind: TrainClassifier, width: 8, outputStride: 16, size: 64, epochs: 1, drawsPerEpoch: 40, batchSize: 8, augmentation: light, segmentSteps: 10 }
          corpus: { kind: Synthesize, generator: generator, judge: judge, quality: { corpusSamples: 0 }, samples: 24, shardSize: 12, keepConditions: true, manipulations: { flr: 1, trs: 1, gain: 1, mix: 1, copy-lesion: 1 } }
        """;

    private const string Again = """
        apiVersion: factory/v1
        name: again
        collection: masked
        modality: cfp
        numerics: { device: cpu, threads: 1 }
        steps:
          lesions: { kind: LesionMaps, grid: 16 }
          corpus: { kind: Synthesize, generator: "checkpoint:brought", cams: lesions, samples: 12 }
        """;

    [Fact]
    public async Task MasksConditionAGenerator_WhoseSamplesCanBeExplainedAndMadeAgain()
    {
        await using ServedFactory served = await ServedFactory.StartAsync(factory.CopyOf(factory.Imported));
        string corpus = factory.NewFolder(), folder = factory.NewFolder(), file = Path.Combine(folder, "generator.safetensors");
        Outcome without = await served.RunAsync("run", "submit", factory.RecipeFile(Recipe.Replace("collection: masked", "collection: eyes", StringComparison.Ordinal)));
        without.Errors[^1].ShouldEndWith("steps.lesions: collection eyes@1 has no Cfp training images with lesion masks; import it with --lesions.");
        await served.SucceedAsync("collection", "import", factory.Phantoms, "--name", "masked", "--lesions", "--validation", "0.25", "--test", "0.25");
        (await served.SucceedAsync("collection", "show", "masked")).Output.ShouldContain("lesion masks: DryAmd of 16 images, Pcv of 16 images, WetAmd of 16 images");

        await served.SucceedAsync("run", "submit", factory.RecipeFile(Recipe), "--watch");

        await served.SucceedAsync("corpus", "export", "1", corpus);
        (await served.SucceedAsync("verify", corpus)).Output[^1].ShouldStartWith("verified: 24 samples in 2 shards");
        string key = Path.GetFileNameWithoutExtension(TestFactory.Members(corpus).First(name => name.EndsWith(".json", StringComparison.Ordinal)));
        Outcome explained = await served.SucceedAsync("explain", key, "--regenerate");
        explained.Output[^1].ShouldStartWith("made again: identical");
        // What needs a CAM to compare with is not measured of samples that had none.
        string.Join('\n', explained.Output).ShouldContain("labelFidelity");
        string.Join('\n', explained.Output).ShouldNotContain("camConsistency");
        (await served.SucceedAsync("run", "report", "1", folder)).Output.ShouldContain(path => path.Contains("contact-sheet", StringComparison.Ordinal));

        await served.SucceedAsync("checkpoint", "export", "masked-1-generator", file);
        await served.SucceedAsync("checkpoint", "import", file, "--name", "brought");
        (await served.SucceedAsync("checkpoint", "show", "brought")).Output.ShouldContain("trained on lesion maps of DryAmd, Pcv, WetAmd on 16x16");
        await served.SucceedAsync("run", "submit", factory.RecipeFile(Again), "--watch");
        Outcome other = await served.RunAsync("run", "submit", factory.RecipeFile(Again.Replace("grid: 16", "grid: 8", StringComparison.Ordinal)), "--watch");
        other.Code.ShouldBe(1);
        string.Join('\n', other.Errors.Concat(other.Output)).ShouldContain("generator brought was trained on lesion maps of DryAmd, Pcv, WetAmd on 16x16, but step lesions gives lesion maps of DryAmd, Pcv, WetAmd on 8x8");
    }
}
