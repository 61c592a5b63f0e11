using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Factory.Contracts.Recipes;

namespace Factory.Coordinator.Recipes;

/// <summary>What a key's value may be: how it is read, how the documentation puts it, and its JSON schema.</summary>
internal abstract record FieldType
{
    /// <summary>The value in words, as the documentation has it.</summary>
    public abstract string Words { get; }

    /// <summary>Reads a value.</summary>
    /// <returns>The value; null after an issue was noted.</returns>
    public abstract object? Read(YamlNode node, string path, FieldScope scope);

    /// <summary>The JSON schema of the value.</summary>
    public abstract JsonObject Schema();

    /// <summary>Writes a number with thousands apart.</summary>
    protected static string Grouped(decimal number) => number.ToString("#,0.############", CultureInfo.InvariantCulture);
}

/// <summary>Text that fits a pattern.</summary>
internal sealed record TextType(string Pattern, string Rule) : FieldType
{
    public override string Words => Rule;

    public override object? Read(YamlNode node, string path, FieldScope scope)
    {
        // By length, because $ also matches before a last line break.
        if (node is YamlText { IsNothing: false } text && Regex.Match(text.Value, Pattern) is { Success: true } match && match.Length == text.Value.Length) return text.Value;
        scope.Issues.Add(node, path, $"must be {Rule}, is {node.Found}");
        return null;
    }

    public override JsonObject Schema() => new() { ["type"] = "string", ["pattern"] = Pattern };
}

/// <summary>One of a few words. An alias is read as the word it stands for.</summary>
internal sealed record ChoiceType(params string[] Choices) : FieldType
{
    public IReadOnlyDictionary<string, string> Aliases { get; init; } = new Dictionary<string, string>();

    public override string Words => string.Join(", ", Choices.Select(choice => $"`{choice}`")) + string.Concat(Aliases.Select(alias => $" (alias `{alias.Key}` for `{alias.Value}`)"));

    public override object? Read(YamlNode node, string path, FieldScope scope)
    {
        if (node is YamlText text)
        {
            string value = Aliases.GetValueOrDefault(text.Value, text.Value);
            if (Choices.FirstOrDefault(choice => choice.Equals(value, StringComparison.OrdinalIgnoreCase)) is { } choice) return choice;
        }
        string near = node is YamlText given && NearestName.Of(given.Value, Choices) is { } name ? $"; did you mean '{name}'?" : "";
        scope.Issues.Add(node, path, $"must be {string.Join(", ", Choices[..^1])}{(Choices.Length > 1 ? " or " : "")}{Choices[^1]}, is {node.Found}{near}");
        return null;
    }

    public override JsonObject Schema() => new() { ["enum"] = new JsonArray([.. Choices.Concat(Aliases.Keys).Select(choice => (JsonNode)choice)]) };
}

/// <summary>True or false.</summary>
internal sealed record FlagType : FieldType
{
    public override string Words => "`true` or `false`";

    public override object? Read(YamlNode node, string path, FieldScope scope)
    {
        if (node is YamlText { IsPlain: true, Value: "true" or "false" } text) return text.Value == "true";
        scope.Issues.Add(node, path, $"must be true or false, is {node.Found}");
        return null;
    }

    public override JsonObject Schema() => new() { ["type"] = "boolean" };
}

/// <summary>A whole number in a range, inclusive. Read as <see cref="long"/>, or as <see cref="ulong"/> where the range needs it.</summary>
internal sealed record WholeType(decimal Least, decimal Most) : FieldType
{
    /// <summary>What the number must be a multiple of.</summary>
    public int MultipleOf { get; init; } = 1;

    /// <summary>The only values there are; empty: the whole range.</summary>
    public IReadOnlyList<int> Only { get; init; } = [];

    public override string Words => $"whole number, {Range}";

    private string Range => Only.Count > 0
        ? $"{string.Join(", ", Only.SkipLast(1))} or {Only[^1]}"
        : $"{Grouped(Least)} to {Grouped(Most)}{(MultipleOf == 1 ? "" : $", a multiple of {MultipleOf}")}";

    public override object? Read(YamlNode node, string path, FieldScope scope)
    {
        if (node is not YamlText text || !Regex.IsMatch(text.Value, @"^[-+]?[0-9]+\z"))
        {
            scope.Issues.Add(node, path, $"must be a whole number, {Range}, is {node.Found}{(node is YamlText { IsPlain: true, IsNothing: false } ? "; write digits only" : "")}");
        }
        else if (!text.IsPlain)
        {
            scope.Issues.Add(node, path, $"must be a whole number, {Range}, is {node.Found}; take the quotes away");
        }
        else if (!decimal.TryParse(text.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out decimal value) || !Holds(value))
        {
            scope.Issues.Add(node, path, $"must be {Range}, is {node.Found}");
        }
        else
        {
            return Most > long.MaxValue ? (ulong)value : (object)(long)value;
        }
        return null;
    }

    public override JsonObject Schema()
    {
        if (Only.Count > 0) return new() { ["enum"] = new JsonArray([.. Only.Select(value => (JsonNode)value)]) };
        JsonObject schema = new() { ["type"] = "integer", ["minimum"] = Least, ["maximum"] = Most };
        if (MultipleOf > 1) schema["multipleOf"] = MultipleOf;
        return schema;
    }

    private bool Holds(decimal value) => value >= Least && value <= Most && value % MultipleOf == 0 && (Only.Count == 0 || Only.Contains((int)value));
}

/// <summary>A number in a range, inclusive at the upper end. Read as <see cref="double"/>.</summary>
internal sealed record RealType(double Least, double Most) : FieldType
{
    /// <summary>Whether the lower end itself is out.</summary>
    public bool AboveLeast { get; init; }

    public override string Words => $"number, {Range}";

    private string Range => AboveLeast ? $"above {Grouped((decimal)Least)}, at most {Grouped((decimal)Most)}" : $"{Grouped((decimal)Least)} to {Grouped((decimal)Most)}";

    public override object? Read(YamlNode node, string path, FieldScope scope)
    {
        if (node is YamlText { IsPlain: true } text && Regex.IsMatch(text.Value, @"^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,4})?\z"))
        {
            double value = double.Parse(text.Value, CultureInfo.InvariantCulture);
            // Negative zero would be another canonical form of the same number.
            if (value <= Most && (AboveLeast ? value > Least : value >= Least)) return value == 0 ? 0.0 : value;
        }
        scope.Issues.Add(node, path, $"must be a number, {Range}, is {node.Found}");
        return null;
    }

    public override JsonObject Schema() => new() { ["type"] = "number", [AboveLeast ? "exclusiveMinimum" : "minimum"] = Least, ["maximum"] = Most };
}

/// <summary>A reference to a step of certain kinds, or to a registered checkpoint where one serves; without kinds only a checkpoint serves.</summary>
internal sealed record ReferenceType(bool Checkpoint, params string[] Kinds) : FieldType
{
    private const string CheckpointForms = "checkpoint:NAME or checkpoint:DIGEST";

    // A name or the digits of a digest; which of them exist is known when the recipe is submitted.
    private const string CheckpointPattern = "^checkpoint:[A-Za-z0-9][A-Za-z0-9.:-]{0,127}\\z";

    public override string Words => Kinds.Length == 0 ? "`checkpoint:NAME-OR-DIGEST`" : $"name of a {Needed} step{(Checkpoint ? ", or `checkpoint:NAME-OR-DIGEST`" : "")}";

    /// <summary>The kinds that serve, in words.</summary>
    public string Needed => Kinds.Length == 1 ? Kinds[0] : $"{string.Join(", ", Kinds[..^1])} or {Kinds[^1]}";

    public override object? Read(YamlNode node, string path, FieldScope scope)
    {
        if (node is not YamlText { IsNothing: false } text)
        {
            scope.Issues.Add(node, path, $"must be {(Kinds.Length == 0 ? CheckpointForms : $"the name of a {Needed} step")}, is {node.Found}");
            return null;
        }
        if (!StepInput.IsCheckpoint(text.Value) && Kinds.Length > 0)
        {
            scope.References.Add(new(text, path, this));
            return text.Value;
        }
        if (Checkpoint && Regex.IsMatch(text.Value, CheckpointPattern)) return text.Value;
        scope.Issues.Add(node, path, Checkpoint
            ? $"must be {CheckpointForms}, is {node.Found}"
            : $"names a checkpoint; a {Needed} step is needed");
        return null;
    }

    public override JsonObject Schema() => new() { ["type"] = "string", ["minLength"] = 1 };
}

/// <summary>A reference as written.</summary>
internal sealed record WrittenReference(YamlText Node, string Path, ReferenceType Type);

/// <summary>What reading values needs and leaves behind.</summary>
internal sealed class FieldScope(RecipeIssues issues)
{
    public RecipeIssues Issues { get; } = issues;

    /// <summary>References to steps met so far.</summary>
    public List<WrittenReference> References { get; init; } = [];
}
