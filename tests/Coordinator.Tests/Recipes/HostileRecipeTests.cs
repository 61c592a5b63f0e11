using System.Diagnostics;
using System.Text;
using CsCheck;
using Factory.Coordinator.Recipes;

namespace Factory.Coordinator.Tests.Recipes;

/// <summary>Texts that are no recipes, by accident or on purpose.</summary>
public sealed class HostileRecipeTests
{
    private static readonly Gen<string> Damage =
        Gen.OneOf(Gen.Char, Gen.Char[" \n\t:-[]{}&*!|>'\"#?%@,~"]).Array[0, 12].Select(characters => new string(characters));

    [Theory]
    [InlineData("", "recipe.yaml:1:1: is empty; a recipe begins with apiVersion: factory/v1.")]
    [InlineData("# nothing\n\n", "recipe.yaml:1:1: is empty; a recipe begins with apiVersion: factory/v1.")]
    [InlineData("- a\n", "recipe.yaml:1:1: must be a mapping of keys such as apiVersion and steps, is a list.")]
    [InlineData("just text", "recipe.yaml:1:1: must be a mapping of keys such as apiVersion and steps, is just text.")]
    [InlineData("a: 1\n---\nb: 2\n", "recipe.yaml:2:1: holds a second document (---); a file holds one recipe.")]
    [InlineData("steps:\n\tname: x\n", "recipe.yaml:2:1: is not YAML: line 2 is indented with a tab; use spaces.")]
    [InlineData("name: &n whole\n", "recipe.yaml:1:7: name: has the anchor 'n'; recipes have no anchors, write the value out.")]
    [InlineData("name: *n\n", "recipe.yaml:1:7: name: refers to the anchor 'n'; recipes have no anchors, write the value out.")]
    [InlineData("name: !!python/object:os.system whole\n", "recipe.yaml:1:7: name: has the tag 'tag:yaml.org,2002:python/object:os.system'; recipes have no tags.")]
    [InlineData("? [a]\n: 1\n", "recipe.yaml:1:3: has a key that is a list; keys are names.")]
    public void TextThatIsNoRecipe_IsRefusedWithItsPlace(string yaml, string expected) => RecipeText.Errors(yaml).ShouldContain(expected);

    [Theory]
    [InlineData("name: x\nsteps: { a: 1\nmodality: ]\n", "recipe.yaml:2:11: is not YAML: what follows does not close the brackets before it.")]
    [InlineData("name: x\nsteps: \"open\n", "recipe.yaml:2:8: is not YAML: ")]
    [InlineData("name: x\n  seed: 1\n", "recipe.yaml:2:7: is not YAML: ")]
    [InlineData("name: !![ !=S)\n", "recipe.yaml:1:5: is not YAML: what follows has a tag (!) that is none; recipes have no tags.")]
    public void MalformedYaml_NamesTheLine(string yaml, string expected) => RecipeText.Errors(yaml).Single().ShouldStartWith(expected);

    [Fact]
    public void OversizedRecipe_IsRefused() => RecipeText.Errors(RecipeText.Whole + "\n# " + new string('x', 1 << 20)).Single().ShouldContain("longer than 1 MiB");

    [Fact]
    public void DeepNesting_IsRefused() => RecipeText.Errors("name: " + new string('[', 100_000)).Single().ShouldContain("is nested more than 16 deep");

    [Fact]
    public void AThousandSteps_AreRefusedQuickly()
    {
        StringBuilder yaml = new(RecipeText.Whole);
        for (int step = 0; step < 20_000; step++) yaml.Append("\n  s").Append(step).Append(": { kind: FineTune, form: s").Append(step + 1).Append(" }");
        Stopwatch clock = Stopwatch.StartNew();
        RecipeText.Errors(yaml.ToString()).Single().ShouldContain("1 to 100 steps");
        clock.ElapsedMilliseconds.ShouldBeLessThan(10_000);
    }

    [Fact]
    public void ManyErrors_AreCutAtAHundred() => RecipeText.Errors(string.Concat(Enumerable.Range(0, 30_000).Select(key => $"k{key}: 1\n"))).Length.ShouldBe(100);

    [Fact]
    public void ByteOrderMarkAndWindowsLineBreaks_AreRead() => RecipeText.Read("\uFEFF" + RecipeText.Whole.Replace("\n", "\r\n", StringComparison.Ordinal)).Steps.Count.ShouldBe(7);

    [Fact]
    public void DamagedRecipes_AreReadOrRefused_NeverAnythingElse() =>
        Gen.Select(Gen.Int[0, RecipeText.Whole.Length - 1], Gen.Int[0, 20], Damage).Array[1, 4].Sample(damages =>
        {
            string yaml = RecipeText.Whole;
            foreach ((int at, int removed, string added) in damages)
            {
                int start = Math.Min(at, yaml.Length);
                yaml = yaml[..start] + added + yaml[Math.Min(yaml.Length, start + removed)..];
            }
            try
            {
                RecipeText.Read(yaml);
            }
            catch (RecipeInvalidException refused)
            {
                refused.Errors.ShouldAllBe(error => error.Line > 0 && error.Column > 0 && error.Message.Length > 0);
            }
        }, iter: 5_000);
}
