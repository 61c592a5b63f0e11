namespace Factory.Contracts.Recipes;

/// <summary>What a recipe has to know of a manipulation; what it does is in the Synthesis project, and a test holds the two together.</summary>
/// <param name="Parameter">Name of its parameter; null when it has none.</param>
/// <param name="Least">Least value of the parameter.</param>
/// <param name="Most">Greatest value of the parameter.</param>
/// <param name="KeepsRows">Whether it can be confined to movement along rows, as OCT needs.</param>
public sealed record ManipulationTraits(string? Parameter, double Least, double Most, bool KeepsRows);

/// <summary>The manipulations that recipes may name.</summary>
public static class Manipulations
{
    /// <summary>Their traits, by name.</summary>
    public static IReadOnlyDictionary<string, ManipulationTraits> All { get; } = new SortedDictionary<string, ManipulationTraits>(StringComparer.Ordinal)
    {
        ["ori"] = new(null, 0, 0, true),
        ["flr"] = new(null, 0, 0, true),
        ["trs"] = new(null, 0, 0, true),
        ["shift"] = new("fraction", -1, 1, true),
        ["rotate"] = new("degrees", -180, 180, false),
        ["scale"] = new("factor", 0.1, 10, true),
        ["gain"] = new("gain", 0, 10, true),
        ["mix"] = new("weight", 0, 1, true),
        ["copy-lesion"] = new(null, 0, 0, true),
        ["erase-secondary"] = new(null, 0, 0, true),
    };
}
