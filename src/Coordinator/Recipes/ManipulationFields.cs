using System.Text.Json.Nodes;
using Factory.Contracts.Recipes;
using YamlDotNet.RepresentationModel;

namespace Factory.Coordinator.Recipes;

/// <summary>Reads the manipulations of a corpus: a mapping of names to weights, or to a weight and a range.</summary>
internal static class ManipulationFields
{
    private static readonly RecipeField Weight = new("weight", FieldType.Number, "Relative frequency.") { Least = 0, Above = true, Most = 1e6 };

    public static JsonArray? Read(YamlNode node, string path, FieldChecks checks)
    {
        if (node is not YamlMappingNode { Children.Count: > 0 } mapping)
        {
            checks.Add(node, path, "is a mapping of names to weights, with at least one, such as { flr: 1, trs: 3 }.");
            return null;
        }
        SortedDictionary<string, JsonObject> choices = new(StringComparer.Ordinal);
        foreach ((YamlNode key, YamlNode value) in mapping.Children)
        {
            string name = (key as YamlScalarNode)?.Value ?? "";
            if (!Manipulations.All.TryGetValue(name, out ManipulationTraits? traits))
            {
                checks.Add(key, $"{path}.{name}", $"there is no manipulation '{name}'; {Spelling.Hint(name, Manipulations.All.Keys)}");
            }
            else if (Choice(name, traits, value, $"{path}.{name}", checks) is { } choice)
            {
                choices[name] = choice;
            }
        }
        // In order of name, so that neither digest nor draws depend on how a recipe is written down.
        return [.. choices.Values];
    }

    private static JsonObject? Choice(string name, ManipulationTraits traits, YamlNode value, string path, FieldChecks checks)
    {
        if (value is YamlScalarNode) return checks.Scalar(value, path, Weight) is { } weight ? new() { ["name"] = name, ["weight"] = weight } : null;
        JsonObject json = checks.Mapping(value, path, [Weight], "range");
        json["name"] = name;
        if (value is YamlMappingNode mapping && FieldChecks.Find(mapping, "range") is { } range) json["range"] = Range(name, traits, range, $"{path}.range", checks);
        return json;
    }

    private static JsonArray? Range(string name, ManipulationTraits traits, YamlNode node, string path, FieldChecks checks)
    {
        if (traits.Parameter is null)
        {
            checks.Add(node, path, $"{name} has no parameter to give a range for.");
            return null;
        }
        RecipeField end = new("range", FieldType.Number, "") { Least = traits.Least, Most = traits.Most };
        if (node is not YamlSequenceNode { Children.Count: 2 } list)
        {
            checks.Add(node, path, $"is two numbers, the lower and the upper end of {traits.Parameter}, such as [{end.Least}, {end.Most}].");
            return null;
        }
        if (checks.Scalar(list[0], path, end) is not { } low || checks.Scalar(list[1], path, end) is not { } high) return null;
        if (low.GetValue<double>() <= high.GetValue<double>()) return [low, high];
        checks.Add(node, path, $"its lower end {low} is above its upper end {high}.");
        return null;
    }
}
