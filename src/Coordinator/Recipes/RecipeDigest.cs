using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Storage.Manifests;

namespace Factory.Coordinator.Recipes;

/// <summary>The identity of a recipe: what it says, not how it is written down.</summary>
public static class RecipeDigest
{
    /// <summary>SHA-256 of the recipe's canonical JSON, defaults filled in. Comments, white space and the order of keys, steps and manipulations change nothing.</summary>
    /// <param name="recipe">The recipe.</param>
    public static Sha256Digest Of(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return Sha256Digest.Of(CanonicalJson.Serialize(recipe with { Steps = [.. recipe.Steps.OrderBy(step => step.Name, StringComparer.Ordinal).Select(Ordered)] }));
    }

    private static RecipeStep Ordered(RecipeStep step) => step is SynthesizeStep corpus
        ? corpus with { Manipulations = [.. corpus.Manipulations.OrderBy(choice => choice.Name, StringComparer.Ordinal)] }
        : step;
}
