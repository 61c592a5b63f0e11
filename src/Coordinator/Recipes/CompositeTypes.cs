using System.Text.Json.Nodes;
using Factory.Contracts.Recipes;

namespace Factory.Coordinator.Recipes;

/// <summary>A list of distinct values of one type. Read as a list of text.</summary>
internal sealed record ListType(FieldType Element, int Most) : FieldType
{
    public override string Words => $"list of 1 to {Most}: {Element.Words}";

    public override object? Read(YamlNode node, string path, FieldScope scope)
    {
        if (node is not YamlList { Items.Count: > 0 } list || list.Items.Count > Most)
        {
            scope.Issues.Add(node, path, $"must be a list of 1 to {Most} values, is {(node is YamlList given ? $"a list of {given.Items.Count}" : node.Found)}");
            return null;
        }
        List<string> values = [];
        for (int index = 0; index < list.Items.Count; index++)
        {
            if (Element.Read(list.Items[index], $"{path}[{index}]", scope) is not string value) continue;
            if (values.Contains(value)) scope.Issues.Add(list.Items[index], $"{path}[{index}]", $"'{value}' is listed twice");
            values.Add(value);
        }
        return values.Count == list.Items.Count ? values : null;
    }

    public override JsonObject Schema() => new() { ["type"] = "array", ["items"] = Element.Schema(), ["minItems"] = 1, ["maxItems"] = Most, ["uniqueItems"] = true };
}

/// <summary>A mapping from category names to whole numbers, at least one above 0.</summary>
internal sealed record CountsType(long Most) : FieldType
{
    private WholeType Count => new(0, Most);

    public override string Words => $"mapping from category to {Count.Words}";

    public override object? Read(YamlNode node, string path, FieldScope scope)
    {
        if (node is not YamlMap map)
        {
            scope.Issues.Add(node, path, $"must be a mapping from category to number of samples, is {node.Found}");
            return null;
        }
        SortedDictionary<string, long> counts = new(StringComparer.Ordinal);
        foreach (YamlEntry entry in map.Entries)
        {
            if (Count.Read(entry.Value, YamlTree.Join(path, entry.Key.Value), scope) is long count) counts[entry.Key.Value] = count;
        }
        if (counts.Count < map.Entries.Count) return null;
        Int128 sum = counts.Values.Aggregate((Int128)0, (total, count) => total + count);
        if (sum >= 1 && sum <= Most) return counts;
        scope.Issues.Add(node, path, $"must sum to 1 to {Grouped(Most)} samples, sums to {sum}");
        return null;
    }

    public override JsonObject Schema() => new() { ["type"] = "object", ["minProperties"] = 1, ["additionalProperties"] = Count.Schema() };
}

/// <summary>A mapping with known keys of its own.</summary>
internal sealed record GroupType(IReadOnlyList<RecipeField> Fields, Func<FieldValues, object> Build) : FieldType
{
    public override string Words => $"mapping of {string.Join(", ", Fields.Select(one => $"`{one.Key}`"))}";

    public override object? Read(YamlNode node, string path, FieldScope scope)
    {
        if (node is not YamlMap map)
        {
            scope.Issues.Add(node, path, $"must be a mapping of {string.Join(", ", Fields.Select(field => field.Key))}, is {node.Found}");
            return null;
        }
        FieldValues values = FieldValues.Read(map, map, Fields, path, scope);
        return values.Complete ? Build(values) : null;
    }

    public override JsonObject Schema() => FieldSchema.Of(Fields);
}

/// <summary>Manipulations by name: a weight, or a mapping of <c>weight</c> and <c>range</c>. Read in ordinal order of names.</summary>
internal sealed record ManipulationsType : FieldType
{
    private static readonly RealType Weight = new(0, 1_000_000) { AboveLeast = true };

    public override string Words => "mapping from manipulation to its weight, or to a mapping of `weight` and `range`";

    public override object? Read(YamlNode node, string path, FieldScope scope)
    {
        if (node is not YamlMap { Entries.Count: > 0 } map)
        {
            scope.Issues.Add(node, path, $"must be a mapping such as {{ flr: 1, trs: 3 }}, is {(node is YamlMap ? "empty" : node.Found)}");
            return null;
        }
        List<ManipulationChoice> choices = [];
        foreach (YamlEntry entry in map.Entries)
        {
            string field = YamlTree.Join(path, entry.Key.Value);
            if (!Manipulations.All.TryGetValue(entry.Key.Value, out ManipulationTraits? traits))
            {
                scope.Issues.Add(entry.Key, field, $"unknown manipulation '{entry.Key.Value}'{NearestName.Hint(entry.Key.Value, Manipulations.All.Keys, "manipulations")}");
            }
            else if (Choice(entry.Key.Value, traits, entry.Value, field, scope) is { } choice)
            {
                choices.Add(choice);
            }
        }
        return choices.Count == map.Entries.Count ? choices.OrderBy(choice => choice.Name, StringComparer.Ordinal).ToArray() : null;
    }

    public override JsonObject Schema() => new()
    {
        ["type"] = "object",
        ["minProperties"] = 1,
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject(Manipulations.All.Select(known => KeyValuePair.Create<string, JsonNode?>(known.Key, Described(known.Key, known.Value)))),
    };

    private static ManipulationChoice? Choice(string name, ManipulationTraits traits, YamlNode node, string path, FieldScope scope)
    {
        if (node is YamlText) return Weight.Read(node, path, scope) is double weight ? new() { Name = name, Weight = weight } : null;
        if (node is not YamlMap map)
        {
            scope.Issues.Add(node, path, $"must be a weight, or a mapping of weight and range, is {node.Found}");
            return null;
        }
        FieldValues values = FieldValues.Read(map, map, Settings(name, traits), path, scope);
        return values.Complete ? new() { Name = name, Weight = values.Real("weight"), Range = values.OrNull<IReadOnlyList<double>>("range") } : null;
    }

    private static RecipeField[] Settings(string name, ManipulationTraits traits) =>
    [
        new("weight", Weight, "Relative frequency.") { Default = 1.0 },
        new("range", new RangeType(name, traits), "Lower and upper end of the parameter."),
    ];

    private static JsonObject Described(string name, ManipulationTraits traits)
    {
        RecipeField[] fields = Settings(name, traits);
        if (traits.Parameter is null) fields = [fields[0]];
        return new() { ["description"] = traits.Summary, ["anyOf"] = new JsonArray(Weight.Schema(), FieldSchema.Of(fields)) };
    }
}

/// <summary>The lower and upper end of a manipulation's parameter.</summary>
internal sealed record RangeType(string Manipulation, ManipulationTraits Traits) : FieldType
{
    private RealType End => new(Traits.Least, Traits.Most);

    public override string Words => $"list of two numbers, {Grouped((decimal)Traits.Least)} to {Grouped((decimal)Traits.Most)}, the smaller first";

    public override object? Read(YamlNode node, string path, FieldScope scope)
    {
        if (Traits.Parameter is null)
        {
            scope.Issues.Add(node, path, $"{Manipulation} has no parameter and takes no range");
        }
        else if (node is not YamlList { Items.Count: 2 } list)
        {
            scope.Issues.Add(node, path, $"must be two numbers such as [{Grouped((decimal)Traits.Least)}, {Grouped((decimal)Traits.Most)}], is {(node is YamlList given ? $"a list of {given.Items.Count}" : node.Found)}");
        }
        else
        {
            (object? first, object? second) = (End.Read(list.Items[0], path + "[0]", scope), End.Read(list.Items[1], path + "[1]", scope));
            if (first is not double low || second is not double high) return null;
            if (low <= high) return (IReadOnlyList<double>)[low, high];
            scope.Issues.Add(node, path, $"must have the smaller number first, is [{list.Items[0].Found}, {list.Items[1].Found}]");
        }
        return null;
    }

    public override JsonObject Schema() => new() { ["type"] = "array", ["items"] = End.Schema(), ["minItems"] = 2, ["maxItems"] = 2 };
}
