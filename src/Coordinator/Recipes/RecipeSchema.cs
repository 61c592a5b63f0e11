using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Factory.Coordinator.Recipes;

/// <summary>Writes the JSON schema of recipes (draft 2020-12), for editors; committed as docs/formats/recipe.schema.json. The reader checks more: references, cycles, fit.</summary>
public static class RecipeSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema as indented JSON that ends in a line break.</summary>
    public static string Create()
    {
        JsonObject recipe = FieldSchema.Of(RecipeKeys.All);
        recipe["properties"]!.AsObject()[RecipeKeys.Steps] = new JsonObject
        {
            ["description"] = "The steps by name.",
            ["type"] = "object",
            ["minProperties"] = 1,
            ["maxProperties"] = RecipeKeys.MaxSteps,
            ["propertyNames"] = new JsonObject { ["pattern"] = RecipeKeys.StepNamePattern, ["not"] = new JsonObject { ["const"] = RecipeKeys.ReservedStep } },
            ["additionalProperties"] = new JsonObject
            {
                ["type"] = "object",
                ["required"] = new JsonArray(RecipeKeys.Kind),
                ["anyOf"] = new JsonArray([.. StepKinds.All.Select(kind => (JsonNode)new JsonObject { ["$ref"] = "#/$defs/" + kind.Name })]),
            },
        };
        recipe["required"]!.AsArray().Add(RecipeKeys.Steps);
        JsonObject document = new() { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = "Recipe of the factory" };
        foreach ((string key, JsonNode? value) in recipe.ToList())
        {
            recipe.Remove(key);
            document[key] = value;
        }
        document["$defs"] = new JsonObject(StepKinds.All.Select(kind => KeyValuePair.Create<string, JsonNode?>(kind.Name, StepOf(kind))));
        return document.ToJsonString(Indented) + "\n";
    }

    private static JsonObject StepOf(StepKind kind)
    {
        JsonObject step = FieldSchema.Of(kind.Fields);
        step["description"] = kind.Doc;
        step["properties"]!.AsObject().Insert(0, RecipeKeys.Kind, new JsonObject { ["const"] = kind.Name });
        if (step["required"] is JsonArray required) required.Insert(0, RecipeKeys.Kind);
        else step["required"] = new JsonArray(RecipeKeys.Kind);
        if (kind.Name == "Synthesize") step["oneOf"] = new JsonArray(Needs("samples"), Needs("counts"));
        return step;
    }

    private static JsonObject Needs(string key) => new() { ["required"] = new JsonArray(key) };
}
