using System.Text.RegularExpressions;
using Factory.Contracts;
using Factory.Contracts.Recipes;

namespace Factory.Coordinator.Recipes;

/// <summary>Reads recipes: YAML of at most 1 MiB, every error found at once and with its place. Format: docs/formats/recipe.md.</summary>
public static class RecipeReader
{
    /// <summary>Reads a recipe.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="fileName">Its name, for messages.</param>
    /// <returns>The recipe, defaults filled in and trials spelled out as steps; what its steps refer to exists, is of the right kind and free of cycles.</returns>
    /// <exception cref="RecipeInvalidException">The recipe is wrong; everything found is listed.</exception>
    public static Recipe Read(string yaml, string fileName)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        ArgumentNullException.ThrowIfNull(fileName);
        RecipeIssues issues = new(fileName);
        YamlMap root = YamlTree.Read(yaml, issues);
        FieldScope scope = new(issues);
        FieldValues values = FieldValues.Read(root, root, [.. RecipeKeys.All, StepsField], "", scope);
        IReadOnlyList<WrittenStep> steps = ReadSteps(values.OrNull<YamlMap>(RecipeKeys.Steps), issues);
        RecipeReferences.Check(steps, issues);
        issues.ThrowIfAny();
        Recipe recipe = new()
        {
            ApiVersion = values.Text("apiVersion"),
            Name = values.Text("name"),
            Collection = values.Text("collection"),
            Modality = Enum.Parse<Modality>(values.Text("modality"), ignoreCase: true),
            Seed = values.Get<ulong>("seed"),
            Numerics = values.Get<NumericsRequest>("numerics"),
            Steps = [.. steps.Select(step => step.Kind!.Build(step.Name, step.Values!))],
        };
        RecipeFit.Check(recipe, steps, issues);
        ModalityFit.Check(recipe, steps, issues);
        RoundsFit.Check(recipe, steps, issues);
        Recipe spelled = RecipeTrials.Spell(recipe, values.Int(RecipeKeys.Trials), steps, issues);
        issues.ThrowIfAny();
        return spelled;
    }

    private static RecipeField StepsField { get; } = new(RecipeKeys.Steps, new StepsType(), "The steps.") { Required = true };

    private static List<WrittenStep> ReadSteps(YamlMap? map, RecipeIssues issues)
    {
        List<WrittenStep> steps = [];
        foreach (YamlEntry entry in map?.Entries ?? [])
        {
            string path = YamlTree.Join(RecipeKeys.Steps, entry.Key.Value);
            if (!Regex.IsMatch(entry.Key.Value, RecipeKeys.StepNamePattern) || entry.Key.Value.EndsWith('\n'))
            {
                issues.Add(entry.Key, RecipeKeys.Steps, $"a step's name must be letters, digits, dashes and underscores, at most 63, is {entry.Key.Found}");
            }
            else if (entry.Key.Value == RecipeKeys.ReservedStep)
            {
                issues.Add(entry.Key, path, "is the name of the step that every run ends with; take another name");
            }
            steps.Add(ReadStep(entry, path, issues));
        }
        return steps;
    }

    private static WrittenStep ReadStep(YamlEntry entry, string path, RecipeIssues issues)
    {
        WrittenStep step = new(entry.Key.Value, entry.Key, null, null, []);
        if (entry.Value is not YamlMap map)
        {
            issues.Add(entry.Value, path, $"must be a mapping with a kind, is {entry.Value.Found}");
            return step;
        }
        string field = YamlTree.Join(path, RecipeKeys.Kind);
        string kinds = string.Join(", ", StepKinds.All.Select(kind => kind.Name));
        if (map[RecipeKeys.Kind] is not { } node) issues.Add(entry.Key, field, $"is required: one of {kinds}");
        else if (node is not YamlText { IsNothing: false } text) issues.Add(node, field, $"must be one of {kinds}, is {node.Found}");
        else if (StepKinds.Find(text.Value) is not { } kind) issues.Add(node, field, $"unknown kind '{text.Value}'{NearestName.Hint(text.Value, StepKinds.All.Select(known => known.Name), "kinds")}");
        else
        {
            FieldScope scope = new(issues) { References = step.References };
            FieldValues values = FieldValues.Read(map, entry.Key, kind.Fields, path, scope, known: RecipeKeys.Kind);
            if (kind.Name == "Synthesize") SynthesizeKind.Check(values, entry.Key, path, issues);
            return step with { Kind = kind, Values = values };
        }
        return step;
    }

    private sealed record StepsType : FieldType
    {
        public override string Words => "mapping from a step's name to the step";

        public override object? Read(YamlNode node, string path, FieldScope scope)
        {
            if (node is YamlMap { Entries.Count: > 0 and <= RecipeKeys.MaxSteps } map) return map;
            scope.Issues.Add(node, path, $"must be a mapping of 1 to {RecipeKeys.MaxSteps} steps by name, is {(node is YamlMap steps ? $"one of {steps.Entries.Count}" : node.Found)}");
            return null;
        }

        public override System.Text.Json.Nodes.JsonObject Schema() => [];
    }
}

/// <summary>A step as written. Kind and values are absent where they could not be read.</summary>
internal sealed record WrittenStep(string Name, YamlText Node, StepKind? Kind, FieldValues? Values, List<WrittenReference> References);
