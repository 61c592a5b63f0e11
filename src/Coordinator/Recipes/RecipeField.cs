namespace Factory.Coordinator.Recipes;

/// <summary>One key of a recipe.</summary>
/// <param name="Key">The key as written.</param>
/// <param name="Type">What its value may be.</param>
/// <param name="Doc">What it means.</param>
internal sealed record RecipeField(string Key, FieldType Type, string Doc)
{
    /// <summary>Whether it must be given.</summary>
    public bool Required { get; init; }

    /// <summary>The value where it is not given; null: unset.</summary>
    public object? Default { get; init; }

    /// <summary>What unset means, or a default that is not a plain value, in words.</summary>
    public string? Unset { get; init; }
}

/// <summary>The values of a mapping's keys, defaults filled in.</summary>
internal sealed class FieldValues
{
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);
    private readonly YamlMap _map;

    private FieldValues(YamlMap map) => _map = map;

    /// <summary>Whether every key that was given could be read and none that is required is missing.</summary>
    public bool Complete { get; private set; } = true;

    /// <summary>Reads the keys of a mapping; unknown ones are refused.</summary>
    /// <param name="map">The mapping.</param>
    /// <param name="owner">Where missing keys are reported.</param>
    /// <param name="fields">The known keys.</param>
    /// <param name="path">Path of the mapping.</param>
    /// <param name="scope">Takes issues and references.</param>
    /// <param name="known">A key that is read elsewhere.</param>
    public static FieldValues Read(YamlMap map, YamlNode owner, IReadOnlyList<RecipeField> fields, string path, FieldScope scope, string? known = null)
    {
        FieldValues values = new(map);
        foreach (YamlEntry entry in map.Entries.Where(entry => entry.Key.Value != known && fields.All(field => field.Key != entry.Key.Value)))
        {
            values.Complete = false;
            string key = entry.Key.Value.Length <= 60 ? entry.Key.Value : entry.Key.Value[..57] + "...";
            scope.Issues.Add(entry.Key, YamlTree.Join(path, key), $"unknown key '{key}'{NearestName.Hint(key, fields.Select(field => field.Key), "known keys")}");
        }
        foreach (RecipeField field in fields) values.Take(field, owner, YamlTree.Join(path, field.Key), scope);
        return values;
    }

    /// <summary>The node of a key, or null where it is not given.</summary>
    public YamlNode? Node(string key) => _map[key];

    /// <summary>A text.</summary>
    public string Text(string key) => (string)_values[key]!;

    /// <summary>A whole number that fits 32 bits.</summary>
    public int Int(string key) => checked((int)(long)_values[key]!);

    /// <summary>A whole number that fits 32 bits, or null.</summary>
    public int? IntOrNull(string key) => _values[key] is long value ? checked((int)value) : null;

    /// <summary>A whole number, or null.</summary>
    public long? LongOrNull(string key) => (long?)_values[key];

    /// <summary>A number.</summary>
    public double Real(string key) => (double)_values[key]!;

    /// <summary>A number, or null.</summary>
    public double? RealOrNull(string key) => (double?)_values[key];

    /// <summary>A flag.</summary>
    public bool Flag(string key) => (bool)_values[key]!;

    /// <summary>A value of another type.</summary>
    public T Get<T>(string key) => (T)_values[key]!;

    /// <summary>A value of another type, or null.</summary>
    public T? OrNull<T>(string key)
        where T : class => (T?)_values[key];

    private void Take(RecipeField field, YamlNode owner, string path, FieldScope scope)
    {
        object? value = field.Default;
        if (_map[field.Key] is { } node)
        {
            value = field.Type.Read(node, path, scope);
            Complete &= value is not null;
        }
        else if (field.Required)
        {
            Complete = false;
            scope.Issues.Add(owner, path, $"is required: {field.Type.Words.Replace("`", "", StringComparison.Ordinal)}");
        }
        _values[field.Key] = value;
    }
}
