using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Recipes;
using Factory.Coordinator.Runs;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Tests.Runs;

public sealed class SubmissionTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task UnknownCollection_IsRefusedAndNamed()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);

        (await RefusedAsync(host, TestRecipe.Small)).ShouldContain("eyes");
    }

    [Fact]
    public async Task TrainingImagesOfOneCategoryOnly_AreRefused()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await RegisterAsync(host, image => image with { Label = 0 });

        (await RefusedAsync(host, TestRecipe.Small)).ShouldContain("one category only");
    }

    [Fact]
    public async Task NoValidationImages_AreRefused()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await RegisterAsync(host, image => image.Split == Split.Validation ? image with { Split = Split.Train } : image);

        (await RefusedAsync(host, TestRecipe.Small)).ShouldContain("validation images");
    }

    [Fact]
    public async Task NoImagesToEvaluateOn_AreRefused()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await RegisterAsync(host, image => image.Split == Split.Test ? image with { Split = Split.Train } : image);

        (await RefusedAsync(host, TestRecipe.Small)).ShouldContain("steps.scores.split");
    }

    [Fact]
    public async Task NoImagesOfTheModality_AreRefused()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await RegisterAsync(host, image => image);

        (await RefusedAsync(host, TestRecipe.Small.Replace("modality: cfp", "modality: oct", StringComparison.Ordinal))).ShouldContain("no Oct images");
    }

    [Fact]
    public async Task ImagesSmallerThanTheNetworksInput_AreRefused()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await RegisterAsync(host, image => image with { Height = 48 });

        string reason = await RefusedAsync(host, TestRecipe.Small);
        reason.ShouldContain("64 px");
        reason.ShouldContain("48 px");
    }

    [Theory]
    [InlineData("kind: ComputeCams, classifier: 'checkpoint:none'", "none")]
    [InlineData("kind: ComputeCams, classifier: 'checkpoint:a-generator'", "a classifier is needed")]
    [InlineData("kind: ComputeCams, classifier: 'checkpoint:of-cats'", "Cat")]
    [InlineData("kind: ComputeCams, classifier: 'checkpoint:a-classifier', size: 128", "64 px")]
    [InlineData("kind: FineTune, from: 'checkpoint:a-classifier', size: 128", "64 px")]
    public async Task CheckpointThatDoesNotFit_IsRefused(string step, string named)
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await RegisterAsync(host, image => image);
        await CheckpointsAsync(host);

        (await RefusedAsync(host, $"{TestRecipe.Head}\n  only: {{ {step} }}")).ShouldContain(named);
    }

    [Fact]
    public async Task GeneratorOfAnotherClassifier_IsRefused()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await RegisterAsync(host, image => image);
        await CheckpointsAsync(host);

        (await RefusedAsync(host, TestRecipe.Head + """

              cams: { kind: ComputeCams, classifier: 'checkpoint:another-classifier' }
              corpus: { kind: Synthesize, generator: 'checkpoint:a-generator', cams: cams, samples: 10 }
            """)).ShouldContain("trained on CAMs of classifier");
    }

    [Theory]
    [InlineData("preset: local128, from: 'checkpoint:a-classifier'", "a generator is needed")]
    [InlineData("preset: paper512, from: 'checkpoint:a-generator'", "starts from a generator of preset paper256")]
    [InlineData("preset: tiny64, perceptual: 'checkpoint:a-classifier'", "a perceptual is needed")]
    public async Task StageOrLossThatDoesNotFit_IsRefused(string fields, string named)
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await RegisterAsync(host, image => image);
        await CheckpointsAsync(host);

        (await RefusedAsync(host, TestRecipe.Head + $"""

              cams: {"{"} kind: ComputeCams, classifier: 'checkpoint:a-classifier' {"}"}
              generator: {"{"} kind: TrainGenerator, cams: cams, {fields} {"}"}
            """)).ShouldContain(named);
    }

    [Theory]
    [InlineData("kind: TrainClassifier, modality: both, size: 64", false, "steps.only: collection eyes@1 has Validation pairs of CFP and OCT of one eye in 0 categories")]
    [InlineData("kind: FineTune, from: 'checkpoint:a-classifier', modality: both", true, "is a classifier, a two-stream is needed")]
    [InlineData("kind: Evaluate, models: ['checkpoint:two'], modality: cfp", true, "is a two-stream, a classifier is needed (with modality: both this one serves)")]
    [InlineData("kind: ComputeCams, classifier: 'checkpoint:two'", true, "is a two-stream, a classifier is needed.")]
    public async Task TwoStreamsThatDoNotFit_AreRefused(string step, bool eyes, string named)
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await host.RegisterAsync(await TestCollection.MakePairsAsync(host, eyes));
        await CheckpointsAsync(host);

        (await RefusedAsync(host, $"{TestRecipe.Head}\n  only: {{ {step} }}")).ShouldContain(named);
    }

    [Fact]
    public async Task Plan_CountsWhatEachStepSees()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await host.RegisterAsync(await TestCollection.MakePairsAsync(host));

        RecipePlan plan = await host.ScopedAsync<RunSubmission, RecipePlan>(submission => submission.PlanAsync(TestRecipe.Head + """

              cfp: { kind: TrainClassifier, size: 64 }
              oct: { kind: TrainClassifier, size: 64, modality: oct }
              cams: { kind: ComputeCams, classifier: oct }
              alone: { kind: Evaluate, models: [cfp], split: validation }
              pairs: { kind: Evaluate, models: [cfp, oct], split: validation }
            """, "recipe.yaml", CancellationToken.None));

        plan.Steps.ToDictionary(step => step.Name, step => step.Units).ShouldContainKeyAndValue("cams", 16);
        plan.Steps.Single(step => step.Name == "alone").Units.ShouldBe(4);
        plan.Steps.Single(step => step.Name == "pairs").Units.ShouldBe(2 * 8, "each eye has one CFP and two OCT images");
    }

    [Theory]
    [InlineData("generator: 'checkpoint:a-generator'", "cams: is required when the generator is a checkpoint")]
    [InlineData("generator: 'checkpoint:a-classifier'", "a generator is needed")]
    [InlineData("generator: 'checkpoint:a-label-generator', cams: cams", "cams: has no place beside a label-conditioned generator")]
    [InlineData("generator: 'checkpoint:a-label-generator', reject: { labelFidelityBelow: 0.5 }", "reject.labelFidelityBelow: labelFidelity needs a classifier that judges")]
    [InlineData("generator: 'checkpoint:a-label-generator', judge: 'checkpoint:a-classifier', reject: { camConsistencyBelow: 0.5 }", "reject.camConsistencyBelow: camConsistency compares")]
    [InlineData("generator: 'checkpoint:a-label-generator', quality: {}", "quality: real and synthetic images are compared in the features of a classifier")]
    [InlineData("generator: 'checkpoint:a-label-generator', judge: 'checkpoint:a-generator', quality: {}", "a classifier is needed")]
    [InlineData("generator: 'checkpoint:a-label-generator', size: 128", "is of 64 px")]
    public async Task CorpusThatDoesNotFitItsGenerator_IsRefused(string fields, string named)
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await RegisterAsync(host, image => image);
        await CheckpointsAsync(host);

        (await RefusedAsync(host, TestRecipe.Head + $"""

              cams: {"{"} kind: ComputeCams, classifier: 'checkpoint:a-classifier' {"}"}
              corpus: {"{"} kind: Synthesize, {fields}, samples: 10 {"}"}
            """)).ShouldContain(named);
    }

    [Fact]
    public async Task Numerics_ArePinnedWhenSubmitted()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder, null, ("Threads", "3"));

        Run run = await host.RunAsync(await host.SubmitSmallAsync());

        (run.Numerics.Device, run.Numerics.Threads, run.Numerics.DataType).ShouldBe(("cpu", 3, "float32"));
    }

    private static async Task RegisterAsync(CoordinatorHost host, Func<CollectionImageEntry, CollectionImageEntry> change)
    {
        NewCollectionVersion version = await TestCollection.MakeAsync(host);
        await host.RegisterAsync(version with { Images = [.. version.Images.Select(change)] });
    }

    private static async Task CheckpointsAsync(CoordinatorHost host)
    {
        ObjectRef classifier = await host.StoreAsync("a classifier");
        CategoryList cats = new() { Names = ["Dog", "Cat"], Background = 0 };
        await host.ReadAsync(async database =>
        {
            database.Checkpoints.AddRange(
                New("a-classifier", classifier, "classifier"),
                New("another-classifier", await host.StoreAsync("another classifier"), "classifier"),
                New("two", await host.StoreAsync("two streams"), "two-stream"),
                New("of-cats", await host.StoreAsync("of cats"), "classifier", cats),
                New("a-label-generator", await host.StoreAsync("a label generator"), "label-generator"),
                New("a-generator", await host.StoreAsync("a generator"), "generator", classifier: classifier.Digest));
            await database.SaveChangesAsync();
        });
    }

    private static Checkpoint New(string name, ObjectRef blob, string kind, CategoryList? categories = null, Sha256Digest? classifier = null) => new()
    {
        Name = name,
        Digest = blob.Digest,
        Bytes = blob.Bytes,
        Kind = kind,
        Architecture = kind switch { "classifier" => "resnet18-w64-s32", "two-stream" => "two-stream-resnet18-w64-s32", _ => "tiny64" },
        Categories = categories ?? TestCollection.Categories,
        Size = 64,
        Classifier = classifier,
    };

    private static async Task<string> RefusedAsync(CoordinatorHost host, string yaml)
    {
        Exception refused = await Should.ThrowAsync<Exception>(() => host.SubmitAsync(yaml));
        (refused is RefusedException or RecipeInvalidException).ShouldBeTrue(refused.ToString());
        refused.Message.ShouldNotContain("\n");
        (await host.ReadAsync(database => database.Runs.CountAsync())).ShouldBe(0);
        return refused.Message;
    }
}
