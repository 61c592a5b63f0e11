namespace Factory.Coordinator.Recipes;

/// <summary>A node of a YAML document and where it begins, both from 1.</summary>
internal abstract record YamlNode(int Line, int Column)
{
    /// <summary>What was found, for messages.</summary>
    public abstract string Found { get; }
}

/// <summary>A scalar. Plain ones may be numbers and flags, quoted ones are text.</summary>
internal sealed record YamlText(int Line, int Column, string Value, bool IsPlain) : YamlNode(Line, Column)
{
    public bool IsNothing => IsPlain && Value is "" or "~" or "null" or "Null" or "NULL";

    public override string Found => IsNothing ? "empty" : IsPlain ? Short : $"the text '{Short}'";

    private string Short => Value.Length <= 60 ? Value : Value[..57] + "...";
}

/// <summary>A list.</summary>
internal sealed record YamlList(int Line, int Column, IReadOnlyList<YamlNode> Items) : YamlNode(Line, Column)
{
    public override string Found => "a list";
}

/// <summary>A mapping; its keys are distinct.</summary>
internal sealed record YamlMap(int Line, int Column, IReadOnlyList<YamlEntry> Entries) : YamlNode(Line, Column)
{
    public override string Found => "a mapping";

    /// <summary>The value of a key, or null.</summary>
    public YamlNode? this[string key] => Entries.FirstOrDefault(entry => entry.Key.Value == key)?.Value;
}

/// <summary>A key and its value.</summary>
internal sealed record YamlEntry(YamlText Key, YamlNode Value);
