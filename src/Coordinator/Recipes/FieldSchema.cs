using System.Globalization;
using System.Text.Json.Nodes;
using Factory.Contracts.Recipes;

namespace Factory.Coordinator.Recipes;

/// <summary>Makes JSON schemas of tables of keys.</summary>
internal static class FieldSchema
{
    /// <summary>The schema of a mapping with these keys.</summary>
    public static JsonObject Of(IReadOnlyList<RecipeField> fields)
    {
        JsonObject properties = [];
        foreach (RecipeField field in fields)
        {
            JsonObject schema = field.Type.Schema();
            schema["description"] = field.Doc.Replace("`", "", StringComparison.Ordinal);
            if (Plain(field.Default) is { } value) schema["default"] = value;
            properties[field.Key] = schema;
        }
        JsonObject map = new() { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        JsonArray required = [.. fields.Where(field => field.Required).Select(field => (JsonNode)field.Key)];
        if (required.Count > 0) map["required"] = required;
        return map;
    }

    /// <summary>The default as the documentation has it.</summary>
    public static string Words(RecipeField field) => field switch
    {
        { Required: true } => "required",
        { Unset: { } unset } => unset,
        { Default: double value } => $"`{value.ToString(CultureInfo.InvariantCulture)}`",
        _ => $"`{Plain(field.Default)?.ToJsonString().Trim('"')}`",
    };

    private static JsonValue? Plain(object? value) => value switch
    {
        long number => JsonValue.Create(number),
        ulong number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        bool flag => JsonValue.Create(flag),
        string text => JsonValue.Create(text),
        _ => null,
    };
}
