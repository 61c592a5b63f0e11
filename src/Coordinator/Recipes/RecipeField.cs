namespace Factory.Coordinator.Recipes;

/// <summary>What a field of a recipe holds.</summary>
internal enum FieldType
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>A reference to a step, or to a checkpoint.</summary>
    Reference,

    /// <summary>A list of references.</summary>
    References,

    /// <summary>A mapping with fields of its own.</summary>
    Mapping,

    /// <summary>A mapping of category names to whole numbers.</summary>
    Counts,

    /// <summary>A mapping of manipulation names to weights, or to a weight and a range.</summary>
    Manipulations,
}

/// <summary>One field of a recipe: what the reader checks, what the schema says, what the documentation shows.</summary>
internal sealed record RecipeField(string Key, FieldType Type, string Doc)
{
    public bool Required { get; init; }

    /// <summary>The default in words; absent: what leaving it out means is in <see cref="Doc"/>.</summary>
    public string? Default { get; init; }

    public double? Least { get; init; }

    public double? Most { get; init; }

    /// <summary>Whether <see cref="Least"/> itself is not allowed.</summary>
    public bool Above { get; init; }

    /// <summary>The values allowed; absent: any.</summary>
    public IReadOnlyList<string>? OneOf { get; init; }

    /// <summary>A regular expression the text must match, and what it says in words.</summary>
    public (string Pattern, string Words)? Pattern { get; init; }

    /// <summary>For references: the kinds of step that will do.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>For references: whether a registered checkpoint will do too.</summary>
    public bool OrCheckpoint { get; init; }

    /// <summary>For mappings: its fields.</summary>
    public IReadOnlyList<RecipeField> Fields { get; init; } = [];
}
