using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Storage.Manifests;

namespace Factory.Coordinator.Recipes;

/// <summary>The identity of a recipe: what it says, not how it is written down.</summary>
public static class RecipeDigest
{
    /// <summary>SHA-256 of the recipe's canonical JSON, defaults filled in. The order of keys, comments and white space do not matter; the order of steps does not either.</summary>
    /// <param name="recipe">The recipe.</param>
    public static Sha256Digest Of(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return Sha256Digest.Of(CanonicalJson.Serialize(recipe with { Steps = [.. recipe.Steps.OrderBy(step => step.Name, StringComparer.Ordinal)] }));
    }
}
