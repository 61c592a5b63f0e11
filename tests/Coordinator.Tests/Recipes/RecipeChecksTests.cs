using Factory.Contracts;
using Factory.Coordinator.Recipes;

namespace Factory.Coordinator.Tests.Recipes;

public sealed class RecipeChecksTests
{
    private static readonly CategoryList Pair = new() { Names = ["Normal", "Amd"], Background = 0 };

    [Fact]
    public void FittingRecipe_Passes() => Check(RecipeText.With("samples: 100", "counts: { dryamd: 4, Normal: 0 }"), CategoryList.Amd);

    [Theory]
    [InlineData("counts: { Pvc: 4, WetAmd: 1 }", "recipe.yaml:18:15: steps.corpus.counts.Pvc: the collection has no category 'Pvc'; did you mean 'Pcv'?")]
    [InlineData("counts: { Normal: 4, WetAmd: 1 }", "recipe.yaml:18:15: steps.corpus.counts.Normal: Normal is the background, and background is 'real'; ask for none, or set background: synthesize")]
    [InlineData("counts: { pcv: 4, Pcv: 1 }", "recipe.yaml:18:23: steps.corpus.counts.Pcv: is the same category as 'pcv'")]
    [InlineData("counts: { Pcv: 4 }\n    background: none", "recipe.yaml:16:5: steps.corpus: has samples of one category only, but a classifier is pre-trained on it; ask for more categories, or let the background join (background: real)")]
    public void CountsThatDoNotFit_AreNamed(string line, string expected) =>
        Should.Throw<RecipeInvalidException>(() => Check(RecipeText.With("samples: 100", line), CategoryList.Amd)).Errors.Single().ToString().ShouldBe(expected);

    [Fact]
    public void TwoCategories_NeedTheBackground()
    {
        Check(RecipeText.Whole, Pair);
        Check(RecipeText.With("samples: 100", "samples: 100\n    background: synthesize"), Pair);
        Should.Throw<RecipeInvalidException>(() => Check(RecipeText.With("samples: 100", "samples: 100\n    background: none"), Pair)).Message.ShouldContain("one category only");
    }

    private static void Check(string yaml, CategoryList categories) => RecipeChecks.AgainstCollection(RecipeText.Read(yaml), "recipe.yaml", yaml, categories);
}
