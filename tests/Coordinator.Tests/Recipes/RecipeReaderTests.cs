using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Coordinator.Recipes;

namespace Factory.Coordinator.Tests.Recipes;

public sealed class RecipeReaderTests
{
    [Fact]
    public void WholeRecipe_IsRead()
    {
        Recipe recipe = RecipeText.Read(RecipeText.Whole);
        (recipe.Name, recipe.Collection, recipe.Modality, recipe.Seed).ShouldBe(("whole", "eyes@3", Modality.Cfp, 1UL));
        recipe.Steps.Select(step => $"{step.Name}: {step.Kind} <- {string.Join(", ", step.Inputs)}").ShouldBe(
        [
            "classifier: TrainClassifier <- ", "cams: ComputeCams <- classifier", "generator: TrainGenerator <- cams", "corpus: Synthesize <- generator",
            "pretrained: Pretrain <- corpus", "finetuned: FineTune <- pretrained", "scores: Evaluate <- classifier, finetuned, checkpoint:published",
        ]);
        recipe.Steps.OfType<TrainGeneratorStep>().Single().Preset.ShouldBe("tiny64");
    }

    [Fact]
    public void Defaults_AreThoseTheContractsDocument()
    {
        Recipe recipe = RecipeText.Read(RecipeText.Whole);
        recipe.Steps[0].ShouldBe(new TrainClassifierStep { Name = "classifier", LearningRate = 1e-3 });
        recipe.Steps[1].ShouldBe(new ComputeCamsStep { Name = "cams", Classifier = "classifier" });
        recipe.Steps[2].ShouldBe(new TrainGeneratorStep { Name = "generator", Cams = "cams", Preset = "tiny64" });
        recipe.Steps[3].ShouldBe(new SynthesizeStep { Name = "corpus", Generator = "generator", Samples = 100 });
        recipe.Steps[4].ShouldBe(new PretrainStep { Name = "pretrained", Corpus = "corpus", LearningRate = 1e-3 });
        recipe.Steps[5].ShouldBe(new FineTuneStep { Name = "finetuned", From = "pretrained", LearningRate = 1e-4 });
        ((EvaluateStep)recipe.Steps[6]).Split.ShouldBe(Split.Test);
        recipe.Numerics.ShouldBe(new NumericsRequest());
    }

    [Fact]
    public void StageTwo_IsRead()
    {
        Recipe recipe = RecipeText.Read(RecipeText.With("  corpus:\n    kind: Synthesize", """
              sharper:
                kind: TrainGenerator
                cams: cams
                preset: local128
                from: generator
                perceptual: checkpoint:vgg
                previewSteps: 250
              corpus:
                kind: Synthesize
            """).Replace("samples: 100", "samples: 100\n    precision: bfloat16", StringComparison.Ordinal));
        TrainGeneratorStep step = recipe.Steps.OfType<TrainGeneratorStep>().Single(step => step.Name == "sharper");
        step.ShouldBe(new TrainGeneratorStep { Name = "sharper", Cams = "cams", Preset = "local128", From = "generator", Perceptual = "checkpoint:vgg", PreviewSteps = 250 });
        step.Inputs.ShouldBe(["cams", "generator", "checkpoint:vgg"]);
        step.Needs.ShouldBe(["cams", "generator"]);
        recipe.Steps.OfType<SynthesizeStep>().Single().Precision.ShouldBe("bfloat16");
    }

    [Theory]
    [InlineData("preset: tiny", "preset: tiny\n    from: checkpoint:other", "recipe.yaml:15:11: steps.generator.from: preset tiny64 starts from no other generator; those that do are local128 and paper512")]
    [InlineData("preset: tiny", "preset: tiny\n  sharper:\n    kind: TrainGenerator\n    cams: cams\n    preset: paper512\n    from: generator", "recipe.yaml:19:11: steps.sharper.from: preset paper512 starts from a generator of preset paper256, step 'generator' is of preset tiny64")]
    [InlineData("preset: tiny", "preset: tiny\n    perceptual: vgg", "recipe.yaml:15:17: steps.generator.perceptual: must be checkpoint:NAME or checkpoint:DIGEST, is vgg")]
    [InlineData("preset: tiny", "preset: tiny\n  other:\n    kind: TrainClassifier\n  others:\n    kind: ComputeCams\n    classifier: other\n  sharper:\n    kind: TrainGenerator\n    cams: others\n    preset: local128\n    from: generator", "recipe.yaml:24:11: steps.sharper.from: step 'others' computes CAMs of 'other', but generator 'generator' was trained on CAMs of 'classifier'; the scale of a CAM belongs to its classifier")]
    public void StageTwoThatDoesNotFit_IsRefusedInItsPlace(string old, string replacement, string error) =>
        RecipeText.Errors(RecipeText.With(old, replacement)).ShouldBe([error]);

    [Fact]
    public void LabelGenerator_NeedsNoCams()
    {
        Recipe recipe = RecipeText.Read(
            RecipeText.With("generator: generator", "generator: label\n    manipulations: { flr: 1, shift: 1, trs: 1 }") + "\n  label: { kind: TrainLabelGenerator, preset: small128 }");
        recipe.Steps.OfType<TrainLabelGeneratorStep>().Single().ShouldBe(new TrainLabelGeneratorStep { Name = "label", Preset = "small128" });
        recipe.Steps.OfType<TrainLabelGeneratorStep>().Single().TotalSteps.ShouldBe(68_750);
        recipe.Steps.OfType<SynthesizeStep>().Single().Inputs.ShouldBe(["label"]);
    }

    [Theory]
    [InlineData("cams: cams", "recipe.yaml:18:11: steps.corpus.cams: has no place beside a label-conditioned generator, which draws from noise and category alone; take cams away")]
    [InlineData("manipulations: { flr: 1 }", "recipe.yaml:18:20: steps.corpus.manipulations: has no place beside a label-conditioned generator, which draws from noise and category alone; take manipulations away")]
    [InlineData("perSubject: 3", "recipe.yaml:18:17: steps.corpus.perSubject: has no place beside a label-conditioned generator, which draws from noise and category alone; take perSubject away")]
    [InlineData("reject: { labelFidelityBelow: 0.5 }", "recipe.yaml:18:35: steps.corpus.reject.labelFidelityBelow: labelFidelity needs a classifier that judges, and a generator that takes no CAMs has none; name one as judge")]
    [InlineData("reject: { camConsistencyBelow: 0.5, sharpnessBelow: 0.1 }", "recipe.yaml:18:36: steps.corpus.reject.camConsistencyBelow: camConsistency compares the CAM of an image with the one that conditioned it, and this generator sees none; leave it out")]
    [InlineData("quality: { corpusSamples: 0, measures: [sharpness, nearestTrainingDistance] }", "recipe.yaml:18:44: steps.corpus.quality.measures: nearestTrainingDistance needs a classifier that judges, and a generator that takes no CAMs has none; name one as judge")]
    [InlineData("quality: {}", "recipe.yaml:18:14: steps.corpus.quality: real and synthetic images are compared in the features of a classifier, and a generator that takes no CAMs has none; name one as judge or as quality.features, or set corpusSamples: 0")]
    [InlineData("precision: bfloat16", "recipe.yaml:18:16: steps.corpus.precision: has no place beside a label-conditioned generator, which draws from noise and category alone; take precision away")]
    [InlineData("keepConditions: true", "recipe.yaml:18:21: steps.corpus.keepConditions: has no place beside a label-conditioned generator, which draws from noise and category alone; take keepConditions away")]
    [InlineData("size: 128", "recipe.yaml:18:11: steps.corpus.size: must be 64, the size of step 'label', is 128")]
    public void KeyOfCamsBesideALabelGenerator_IsRefusedInItsPlace(string key, string error) => RecipeText.Errors(
        RecipeText.With("generator: generator", $"generator: label\n    {key}") + "\n  label: { kind: TrainLabelGenerator, preset: tiny64 }").ShouldBe([error]);

    [Fact]
    public void TooFewStepsForTheNetworkToGrow_AreRefused() => RecipeText.Errors(RecipeText.Whole + "\n  label:\n    kind: TrainLabelGenerator\n    preset: tiny64\n    steps: 17")
        .ShouldBe(["recipe.yaml:31:12: steps.label.steps: must be at least 18 for preset tiny64, is 17"]);

    [Fact]
    public void EveryKey_ReachesTheRecipe()
    {
        Recipe recipe = RecipeText.Read(RecipeText.Whole
            .Replace("modality: cfp", "modality: oct\nseed: 18446744073709551615\nnumerics: { device: cuda, threads: 4 }", StringComparison.Ordinal)
            .Replace("    samples: 100", """
                    cams: cams
                    size: 64
                    counts: { DryAmd: 5, Pcv: 0, WetAmd: 7 }
                    perSubject: 9
                    background: none
                    manipulations: { trs: 3, gain: { weight: 2.5, range: [0.6, 1.5] }, mix: { range: [0.2, .3] } }
                    reject: { labelFidelityBelow: 0.5, camConsistencyBelow: -0.25, sharpnessBelow: 0.3, nearestTrainingDistanceBelow: 0.4, redraws: 2 }
                    quality: { measures: [sharpness, labelFidelity], corpusSamples: 500, features: "checkpoint:features" }
                    judge: "checkpoint:independent"
                    shardSize: 10
                    batchSize: 2
                    keepConditions: true
                """, StringComparison.Ordinal));
        (recipe.Seed, recipe.Modality, recipe.Numerics).ShouldBe((ulong.MaxValue, Modality.Oct, new NumericsRequest { Device = "cuda", Threads = 4 }));
        SynthesizeStep corpus = recipe.Steps.OfType<SynthesizeStep>().Single();
        corpus.Counts.ShouldBe(new Dictionary<string, long> { ["DryAmd"] = 5, ["Pcv"] = 0, ["WetAmd"] = 7 }, ignoreOrder: true);
        corpus.Manipulations.Select(choice => (choice.Name, choice.Weight, choice.Range is null ? "" : string.Join("..", choice.Range)))
            .ShouldBe([("gain", 2.5, "0.6..1.5"), ("mix", 1, "0.2..0.3"), ("trs", 3, "")]);
        corpus.Reject.ShouldBe(new RejectionRules { LabelFidelityBelow = 0.5, CamConsistencyBelow = -0.25, SharpnessBelow = 0.3, NearestTrainingDistanceBelow = 0.4, Redraws = 2 });
        corpus.Quality!.Measures.ShouldBe([QualityMeasures.LabelFidelity, QualityMeasures.Sharpness]);
        (corpus.Quality.CorpusSamples, corpus.Quality.Features, corpus.Judge).ShouldBe((500, "checkpoint:features", "checkpoint:independent"));
        corpus.Inputs.ShouldBe(["generator", "cams", "checkpoint:independent", "checkpoint:features"]);
        (corpus.Cams, corpus.Size, corpus.PerSubject, corpus.Background, corpus.ShardSize, corpus.BatchSize, corpus.KeepConditions).ShouldBe(("cams", 64, 9, "none", 10, 2, true));
    }

    [Theory]
    [InlineData("samples: 100", "samples: -3", "recipe.yaml:18:14: steps.corpus.samples: must be 1 to 1,000,000,000, is -3")]
    [InlineData("samples: 100", "samples: 1000000001", "recipe.yaml:18:14: steps.corpus.samples: must be 1 to 1,000,000,000, is 1000000001")]
    [InlineData("samples: 100", "samples: '100'", "recipe.yaml:18:14: steps.corpus.samples: must be a whole number, 1 to 1,000,000,000, is the text '100'; take the quotes away")]
    [InlineData("samples: 100", "samples: 1e6", "recipe.yaml:18:14: steps.corpus.samples: must be a whole number, 1 to 1,000,000,000, is 1e6; write digits only")]
    [InlineData("samples: 100", "samples: [1]", "recipe.yaml:18:14: steps.corpus.samples: must be a whole number, 1 to 1,000,000,000, is a list")]
    [InlineData("samples: 100", "smaples: 100", "recipe.yaml:18:5: steps.corpus.smaples: unknown key 'smaples'; did you mean 'samples'?")]
    [InlineData("kind: Pretrain", "kind: PreTrain", "recipe.yaml:20:11: steps.pretrained.kind: unknown kind 'PreTrain'; did you mean 'Pretrain'?")]
    [InlineData("classifier: classifier", "classifier: clasifier", "recipe.yaml:10:17: steps.cams.classifier: there is no step 'clasifier'; did you mean 'classifier'?")]
    [InlineData("cams: cams", "cams: classifier", "recipe.yaml:13:11: steps.generator.cams: step 'classifier' is a TrainClassifier, a ComputeCams or LesionMaps is needed")]
    [InlineData("corpus: corpus", "corpus: checkpoint:x", "recipe.yaml:21:13: steps.pretrained.corpus: names a checkpoint; a Synthesize step is needed")]
    [InlineData("from: pretrained", "from: finetuned", "recipe.yaml:24:11: steps.finetuned.from: step 'finetuned' refers to itself; a TrainClassifier, Pretrain or FineTune step is needed")]
    [InlineData("    samples: 100", "    samples: 5\n    counts: { Pcv: 4 }", "recipe.yaml:18:14: steps.corpus.samples: stands beside counts; give one of them")]
    [InlineData("    samples: 100\n", "", "recipe.yaml:15:3: steps.corpus: needs samples (how many in all) or counts (how many of each category)")]
    [InlineData("samples: 100", "samples: 100\n    manipulations: { gain: { range: [2, 1] } }", "recipe.yaml:19:37: steps.corpus.manipulations.gain.range: must have the smaller number first, is [2, 1]")]
    [InlineData("samples: 100", "samples: 100\n    manipulations: { flr: { range: [0, 1] } }", "recipe.yaml:19:36: steps.corpus.manipulations.flr.range: flr has no parameter and takes no range")]
    [InlineData("samples: 100", "samples: 100\n    manipulations: { shfit: 1 }", "recipe.yaml:19:22: steps.corpus.manipulations.shfit: unknown manipulation 'shfit'; did you mean 'shift'?")]
    [InlineData("samples: 100", "samples: 100\n    manipulations: { copy: 1 }", "recipe.yaml:19:22: steps.corpus.manipulations.copy: unknown manipulation 'copy'; did you mean 'copy-lesion'?")]
    [InlineData("samples: 100", "samples: 100\n    manipulations: { trs: 0 }", "recipe.yaml:19:27: steps.corpus.manipulations.trs: must be a number, above 0, at most 1,000,000, is 0")]
    [InlineData("samples: 100", "samples: 100\n    keepConditions: yes", "recipe.yaml:19:21: steps.corpus.keepConditions: must be true or false, is yes")]
    [InlineData("samples: 100", "samples: 100\n    size: 128", "recipe.yaml:19:11: steps.corpus.size: must be 64, the size of step 'generator', is 128")]
    [InlineData("samples: 100", "counts: { Pcv: 0 }", "recipe.yaml:18:13: steps.corpus.counts: must sum to 1 to 1,000,000,000 samples, sums to 0")]
    [InlineData("samples: 100", "counts: { Pcv: 4 }\n    balance: sources", "recipe.yaml:19:14: steps.corpus.balance: stands beside counts, which already say how samples fall on categories; take one away")]
    [InlineData("samples: 100", "samples: 100\n    reject: { redraws: 2 }", "recipe.yaml:19:13: steps.corpus.reject: needs at least one of labelFidelityBelow, camConsistencyBelow, sharpnessBelow, fieldOfViewBelow, nearestTrainingDistanceBelow")]
    [InlineData("samples: 100", "samples: 100\n    reject: { camConsistencyBelow: -1.5 }", "recipe.yaml:19:36: steps.corpus.reject.camConsistencyBelow: must be a number, -1 to 1, is -1.5")]
    [InlineData("samples: 100", "samples: 100\n    reject: { fieldOfViewBelow: 1.2 }", "recipe.yaml:19:33: steps.corpus.reject.fieldOfViewBelow: must be a number, 0 to 1, is 1.2")]
    [InlineData("samples: 100", "samples: 100\n    reject: { sharpnesBelow: 1 }", "recipe.yaml:19:15: steps.corpus.reject.sharpnesBelow: unknown key 'sharpnesBelow'; did you mean 'sharpnessBelow'?")]
    [InlineData("samples: 100", "samples: 100\n    quality: { measures: [sharpnes] }", "recipe.yaml:19:27: steps.corpus.quality.measures[0]: must be labelFidelity, camConsistency, sharpness, fieldOfView or nearestTrainingDistance, is sharpnes; did you mean 'sharpness'?")]
    [InlineData("samples: 100", "samples: 100\n    quality: { corpusSamples: 50000 }", "recipe.yaml:19:31: steps.corpus.quality.corpusSamples: must be 0 to 20,000, is 50000")]
    [InlineData("samples: 100", "samples: 100\n    judge: corpus", "recipe.yaml:19:12: steps.corpus.judge: step 'corpus' refers to itself; a TrainClassifier, Pretrain or FineTune step is needed")]
    [InlineData("samples: 100", "samples: 100\n    judge: generator", "recipe.yaml:19:12: steps.corpus.judge: step 'generator' is a TrainGenerator, a TrainClassifier, Pretrain or FineTune is needed")]
    [InlineData("samples: 100", "samples: 100\n    reject: { fieldOfViewBelow: 0.5 }", "recipe.yaml:19:33: steps.corpus.reject.fieldOfViewBelow: fieldOfView is the lit circle of a fundus photograph, and OCT has none; leave it out", "modality: cfp", "modality: oct")]
    [InlineData("preset: tiny", "preset: huge", "recipe.yaml:14:13: steps.generator.preset: must be tiny64, tiny128, local128, small256, paper256 or paper512, is huge")]
    [InlineData("    preset: tiny\n", "", "recipe.yaml:11:3: steps.generator.preset: is required: tiny64, tiny128, local128, small256, paper256, paper512 (alias tiny for tiny64)")]
    [InlineData("kind: TrainClassifier", "kind: TrainClassifier\n    size: 100", "recipe.yaml:8:11: steps.classifier.size: must be 32 to 1,024, a multiple of 32, is 100")]
    [InlineData("kind: TrainClassifier", "kind: TrainClassifier\n    outputStride: 4", "recipe.yaml:8:19: steps.classifier.outputStride: must be 8, 16 or 32, is 4")]
    [InlineData("kind: TrainClassifier", "kind: TrainClassifier\n    learningRate: .nan", "recipe.yaml:8:19: steps.classifier.learningRate: must be a number, above 0, at most 1, is .nan")]
    [InlineData("modality: cfp", "modality: cpf", "recipe.yaml:4:11: modality: must be cfp or oct, is cpf; did you mean 'cfp'?")]
    [InlineData("name: whole", "name: Whole Thing", "recipe.yaml:2:7: name: must be lower-case letters, digits and dashes, at most 63, is Whole Thing")]
    [InlineData("collection: eyes@3\n", "", "recipe.yaml:1:1: collection: is required: a collection's name, or name@version")]
    [InlineData("collection: eyes@3", "collection:", "recipe.yaml:3:12: collection: must be a collection's name, or name@version, is empty")]
    [InlineData("apiVersion: factory/v1", "apiVersion: factory/v2", "recipe.yaml:1:13: apiVersion: must be factory/v1, is factory/v2; did you mean 'factory/v1'?")]
    [InlineData("models: [classifier, finetuned, ", "models: [classifier, classifier, ", "recipe.yaml:27:26: steps.scores.models[1]: 'classifier' is listed twice")]
    [InlineData("  pretrained:\n", "  corpus:\n", "recipe.yaml:19:3: steps.corpus: is given twice, first on line 15.")]
    [InlineData("    samples: 100", "    samples: 100\n    samples: 200", "recipe.yaml:19:5: steps.corpus.samples: is given twice, first on line 18.")]
    [InlineData("kind: TrainClassifier", "kind: TrainClassifier\n    pairing: strict", "recipe.yaml:8:14: steps.classifier.pairing: is for classifiers that see both modalities, and this one sees cfp; set modality: both, or leave it out")]
    [InlineData("kind: TrainClassifier", "kind: TrainClassifier\n    replicas: 65", "recipe.yaml:8:15: steps.classifier.replicas: must be 1 to 64, is 65")]
    [InlineData("kind: TrainClassifier", "kind: TrainClassifier\n    averaging: nesterov", "recipe.yaml:8:16: steps.classifier.averaging: is for training over several replicas; set replicas above 1, or leave it out")]
    [InlineData("kind: TrainClassifier", "kind: TrainClassifier\n    replicas: 1\n    roundSteps: 50", "recipe.yaml:9:17: steps.classifier.roundSteps: is for training over several replicas; set replicas above 1, or leave it out")]
    [InlineData("kind: TrainClassifier", "kind: TrainClassifier\n    replicas: 4\n    outerMomentum: 0.5", "recipe.yaml:9:20: steps.classifier.outerMomentum: is for averaging: nesterov; set that, or leave it out")]
    [InlineData("kind: TrainClassifier", "kind: TrainClassifier\n    replicas: 12\n    roundSteps: 11", "recipe.yaml:8:15: steps.classifier.replicas: is 12, but a round has 11 steps and each replica needs one; use fewer, or a greater roundSteps")]
    [InlineData("kind: TrainClassifier", "kind: TrainClassifier\n    replicas: 64\n    roundSteps: 64\n    epochs: 1000\n    drawsPerEpoch: 20000", "recipe.yaml:8:15: steps.classifier.replicas: makes 2500032 segments of all rounds, at most 200000 are planned; use fewer, or a greater roundSteps")]
    [InlineData("from: pretrained", "from: pretrained\n    replicas: 2\n    averaging: mean", "recipe.yaml:26:16: steps.finetuned.averaging: must be plain or nesterov, is mean")]
    [InlineData("preset: tiny", "preset: tiny\n    replicas: 2", "recipe.yaml:15:5: steps.generator.replicas: unknown key 'replicas'; known keys are cams, preset, from, perceptual, previewSteps, steps, segmentSteps.")]
    [InlineData("kind: TrainClassifier", "kind: TrainClassifier\n    modality: all", "recipe.yaml:8:15: steps.classifier.modality: must be cfp, oct or both, is all")]
    [InlineData("kind: TrainClassifier", "kind: TrainClassifier\n    modality: both", "recipe.yaml:11:17: steps.cams.classifier: step 'classifier' is of two streams; a classifier of one modality is needed")]
    [InlineData("kind: Synthesize", "kind: Synthesize\n    cams: masks", "recipe.yaml:19:11: steps.corpus.cams: step 'masks' makes lesion maps, but generator 'generator' was trained on the CAMs of 'cams'", "  generator:\n", "  masks:\n    kind: LesionMaps\n  generator:\n")]
    [InlineData("cams: cams", "cams: masks", "recipe.yaml:13:17: steps.masks.kinds[1]: must be letters, digits, dashes and underscores, at most 40, is E X", "  generator:\n", "  masks:\n    kind: LesionMaps\n    kinds: [MA, E X]\n  generator:\n")]
    [InlineData("cams: cams", "cams: masks", "recipe.yaml:13:11: steps.masks.grid: must be 8 to 128, is 4", "  generator:\n", "  masks:\n    kind: LesionMaps\n    grid: 4\n  generator:\n")]
    [InlineData("kind: ComputeCams", "kind: ComputeCams\n    modality: oct", "recipe.yaml:10:15: steps.cams.modality: is oct, but step 'classifier' sees cfp; leave it out")]
    [InlineData("kind: Synthesize", "kind: Synthesize\n    modality: oct", "recipe.yaml:17:15: steps.corpus.modality: is oct, but step 'generator' sees cfp; leave it out")]
    [InlineData("from: pretrained", "from: pretrained\n    modality: both", "recipe.yaml:25:15: steps.finetuned.modality: is both, but step 'pretrained' sees cfp; leave it out")]
    [InlineData("    corpus: corpus", "    corpus: corpus\n    octCorpus: corpus", "recipe.yaml:22:16: steps.pretrained.octCorpus: step 'corpus' sees cfp, but oct is needed")]
    [InlineData("kind: Evaluate", "kind: Evaluate\n    modality: oct", "recipe.yaml:28:13: steps.scores.models: step 'classifier' sees cfp, but oct is needed")]
    [InlineData("kind: TrainClassifier", "kind: TrainClassifier\n    modality: oct", "recipe.yaml:20:22: steps.corpus.manipulations.rotate: rotate moves lesions across the retina's layers and cannot be used for oct", "samples: 100", "samples: 100\n    manipulations: { rotate: 1 }")]
    [InlineData("  scores:", "  report:", "recipe.yaml:25:3: steps.report: is the name of the step that every run ends with; take another name")]
    public void Mistake_IsNamedWithItsPlace(string old, string replacement, string expected, string also = "", string andReplacement = "") =>
        RecipeText.Errors(also.Length == 0 ? RecipeText.With(old, replacement) : RecipeText.With(old, replacement).Replace(also, andReplacement, StringComparison.Ordinal)).ShouldContain(expected);

    [Fact]
    public void Steps_SeeWhatTheyBuildOn()
    {
        Recipe recipe = RecipeText.Read("""
            apiVersion: factory/v1
            name: both
            collection: eyes
            modality: oct
            steps:
              oct: { kind: TrainClassifier }
              cfp: { kind: TrainClassifier, modality: cfp }
              cams: { kind: ComputeCams, classifier: cfp }
              generator: { kind: TrainGenerator, cams: cams, preset: tiny }
              corpus: { kind: Synthesize, generator: generator, samples: 4 }
              cams2: { kind: ComputeCams, classifier: "checkpoint:x" }
              generator2: { kind: TrainGenerator, cams: cams2, preset: tiny }
              corpus2: { kind: Synthesize, generator: generator2, samples: 4 }
              labels: { kind: Synthesize, generator: "checkpoint:g", background: synthesize, samples: 4, modality: cfp }
              one: { kind: Pretrain, corpus: corpus }
              two: { kind: Pretrain, corpus: corpus, octCorpus: corpus2 }
              tuned: { kind: FineTune, from: two }
              alike: { kind: Evaluate, models: [cfp, one] }
              mixed: { kind: Evaluate, models: [cfp, oct] }
            """);
        string seen = string.Join(' ', recipe.Steps.Select(step => $"{step.Name}:{RecipeModalities.Of(recipe, step)}"));
        seen.ShouldBe("oct:Oct cfp:Cfp cams:Cfp generator:Cfp corpus:Cfp cams2:Oct generator2:Oct corpus2:Oct labels:Cfp one:Cfp two:Both tuned:Both alike:Cfp mixed:Both");
    }

    [Fact]
    public void Cycle_IsNamed() => RecipeText.Errors(RecipeText.With("classifier: classifier", "classifier: finetuned")).Single()
        .ShouldEndWith("closes a cycle: cams -> finetuned -> pretrained -> corpus -> generator -> cams; a step can only need what is made before it");

    [Fact]
    public void EveryMistake_IsReportedAtOnce_InOrderOfLines()
    {
        string[] errors = RecipeText.Errors(RecipeText.Whole
            .Replace("modality: cfp", "modality: Xray", StringComparison.Ordinal).Replace("cams: cams", "cams: cmas", StringComparison.Ordinal)
            .Replace("samples: 100", "samples: many", StringComparison.Ordinal).Replace("from: pretrained", "form: pretrained", StringComparison.Ordinal));
        errors.Select(error => error.Split(' ')[1]).ShouldBe(["modality:", "steps.generator.cams:", "steps.corpus.samples:", "steps.finetuned.from:", "steps.finetuned.form:"]);
    }

    [Theory]
    [InlineData("oct")]
    [InlineData("Oct")]
    public void Rotation_IsRefusedForOct(string modality) => RecipeText.Errors(RecipeText.With("modality: cfp", $"modality: {modality}").Replace("samples: 100", "samples: 100\n    manipulations: { rotate: 1 }", StringComparison.Ordinal))
        .ShouldBe(["recipe.yaml:19:22: steps.corpus.manipulations.rotate: rotate moves lesions across the retina's layers and cannot be used for oct"]);

    [Fact]
    public void CamsOfAnotherClassifier_AreRefused() => RecipeText.Errors(RecipeText.With("    samples: 100", "    samples: 100\n    cams: others")
        .Replace("  corpus:\n", "  second:\n    kind: TrainClassifier\n  others:\n    kind: ComputeCams\n    classifier: second\n  corpus:\n", StringComparison.Ordinal)).Single()
        .ShouldEndWith("step 'others' computes CAMs of 'second', but generator 'generator' was trained on CAMs of 'classifier'; the scale of a CAM belongs to its classifier");

    [Fact]
    public void References_MayPointForward() => RecipeText.Read("""
        apiVersion: factory/v1
        name: backwards
        collection: eyes
        modality: oct
        steps:
          scores: { kind: Evaluate, models: [b], split: validation }
          b: { kind: FineTune, from: a }
          a: { kind: TrainClassifier }
        """).Steps.Select(step => step.Name).ShouldBe(["scores", "b", "a"]);
}
