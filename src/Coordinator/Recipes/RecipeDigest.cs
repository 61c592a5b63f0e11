using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Factory.Contracts;
using Factory.Contracts.Recipes;

namespace Factory.Coordinator.Recipes;

/// <summary>Identifies what a recipe says, however it is written: comments, the order of keys and steps, and defaults left out change nothing.</summary>
public static class RecipeDigest
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The SHA-256 of the recipe's canonical form.</summary>
    public static Sha256Digest Of(Recipe recipe) => Sha256Digest.Of(JsonSerializer.SerializeToUtf8Bytes(Canonical(recipe), Compact));

    /// <summary>The recipe as JSON with sorted keys, steps by name.</summary>
    private static JsonNode? Canonical(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        Recipe ordered = recipe with { Steps = [.. recipe.Steps.OrderBy(step => step.Name, StringComparer.Ordinal).Select(Ordered)] };
        return Sorted(JsonSerializer.SerializeToNode(ordered, ContractJson.Options));
    }

    private static RecipeStep Ordered(RecipeStep step) => step is SynthesizeStep corpus
        ? corpus with { Manipulations = [.. corpus.Manipulations.OrderBy(choice => choice.Name, StringComparer.Ordinal)] }
        : step;

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, Sorted(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
