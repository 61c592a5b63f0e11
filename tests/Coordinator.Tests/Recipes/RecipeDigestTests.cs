using Factory.Contracts;
using Factory.Coordinator.Recipes;

namespace Factory.Coordinator.Tests.Recipes;

public sealed class RecipeDigestTests
{
    private static readonly Sha256Digest Whole = Of(RecipeText.Whole);

    [Theory]
    [InlineData("seed", "seed: 1")]
    [InlineData("numerics", "numerics: {}")]
    public void DefaultsWrittenOut_ChangeNothing(string _, string line) => Of(RecipeText.With("modality: cfp", "modality: cfp\n" + line)).ShouldBe(Whole);

    [Theory]
    [InlineData("samples: 100", "samples: 100 # enough")]
    [InlineData("samples: 100", "samples: 100\n    manipulations: { trs: 1.0, flr: 1, shift: { weight: 1 } }")]
    [InlineData("samples: 100", "keepConditions: false\n    samples: 100\n    shardSize: 1000")]
    [InlineData("from: pretrained", "learningRate: 1e-4\n    from: pretrained")]
    [InlineData("preset: tiny", "preset: tiny64")]
    [InlineData("modality: cfp", "modality: CFP")]
    [InlineData("collection: eyes@3\nmodality: cfp", "modality: cfp\ncollection: \"eyes@3\"")]
    public void AnotherWayToWriteIt_ChangesNothing(string old, string replacement) => Of(RecipeText.With(old, replacement)).ShouldBe(Whole);

    [Fact]
    public void OrderOfSteps_ChangesNothing() => Of(RecipeText.With("steps:\n  classifier:\n    kind: TrainClassifier\n", "steps:\n") + "\n  classifier:\n    kind: TrainClassifier\n").ShouldBe(Whole);

    [Theory]
    [InlineData("samples: 100", "samples: 101")]
    [InlineData("samples: 100", "samples: 100\n    manipulations: { flr: 1 }")]
    [InlineData("modality: cfp", "modality: oct")]
    [InlineData("modality: cfp", "modality: cfp\nseed: 2")]
    [InlineData("models: [classifier, finetuned, ", "models: [finetuned, classifier, ")]
    [InlineData("eyes@3", "eyes@4")]
    public void AnotherMeaning_ChangesIt(string old, string replacement) => Of(RecipeText.With(old, replacement)).ShouldNotBe(Whole);

    private static Sha256Digest Of(string yaml) => RecipeDigest.Of(RecipeText.Read(yaml));
}
