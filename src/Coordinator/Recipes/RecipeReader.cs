using System.Text.Json;
using System.Text.Json.Nodes;
using Factory.Contracts;
using Factory.Contracts.Recipes;
using YamlDotNet.RepresentationModel;

namespace Factory.Coordinator.Recipes;

/// <summary>Reads recipes. All errors are reported at once, each with file, line, column and field.</summary>
public static class RecipeReader
{
    /// <summary>Name of the step that every run ends with; no recipe may use it.</summary>
    public const string ReservedStepName = "report";

    private const string KindKey = "kind";

    /// <summary>Reads a recipe.</summary>
    /// <param name="yaml">The text, at most 1 MiB.</param>
    /// <param name="fileName">The file's name, for messages.</param>
    /// <exception cref="RecipeInvalidException">The recipe has errors.</exception>
    public static Recipe Read(string yaml, string fileName)
    {
        YamlNode root = YamlTree.Parse(yaml, fileName);
        FieldChecks checks = new(fileName);
        JsonObject recipe = checks.Mapping(root, "", RecipeFields.Top);
        List<StepNode> steps = ReadSteps(root, checks);
        StepReferences.Check(steps, checks);
        checks.ThrowIfAny();
        recipe["steps"] = new JsonArray([.. steps.Select(step => (JsonNode)step.Json)]);
        return recipe.Deserialize<Recipe>(ContractJson.Options)!;
    }

    private static List<StepNode> ReadSteps(YamlNode root, FieldChecks checks)
    {
        List<StepNode> steps = [];
        if (root is not YamlMappingNode mapping || FieldChecks.Find(mapping, "steps") is not { } node) return steps;
        if (node is not YamlMappingNode named || named.Children.Count == 0)
        {
            checks.Add(node, "steps", "is a mapping of names to steps, with at least one.");
            return steps;
        }
        foreach ((YamlNode key, YamlNode value) in named.Children)
        {
            if (ReadStep(key, value, checks) is { } step) steps.Add(step);
        }
        return steps;
    }

    private static StepNode? ReadStep(YamlNode key, YamlNode value, FieldChecks checks)
    {
        string name = (key as YamlScalarNode)?.Value ?? "";
        string path = $"steps.{name}";
        if (name.Length is 0 or > 63 || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')) checks.Add(key, path, "a step's name has letters, digits, dashes and underscores, at most 63.");
        if (name == ReservedStepName) checks.Add(key, path, "this name is taken by the report that ends every run; choose another.");
        if (value is not YamlMappingNode mapping)
        {
            checks.Add(value, path, "is a mapping with kind and the kind's fields.");
            return null;
        }
        string? kind = (FieldChecks.Find(mapping, KindKey) as YamlScalarNode)?.Value;
        if (kind is null || !RecipeFields.Steps.TryGetValue(kind, out IReadOnlyList<RecipeField>? fields))
        {
            string missing = $"needs a kind: {string.Join(", ", RecipeFields.Steps.Keys)}.";
            checks.Add(FieldChecks.Find(mapping, KindKey) ?? value, $"{path}.{KindKey}", kind is null ? missing : $"there is no kind '{kind}'; {Spelling.Hint(kind, RecipeFields.Steps.Keys)}");
            return null;
        }
        JsonObject json = checks.Mapping(value, path, fields, KindKey);
        JsonObject step = new() { [KindKey] = kind, ["name"] = name };
        foreach ((string field, JsonNode? content) in json.ToList())
        {
            json.Remove(field);
            step[field] = content;
        }
        return new(name, kind, path, mapping, step, fields);
    }
}

/// <summary>A step being read.</summary>
internal sealed record StepNode(string Name, string Kind, string Path, YamlMappingNode Yaml, JsonObject Json, IReadOnlyList<RecipeField> Fields);
