namespace Factory.Contracts.Recipes;

/// <summary>What a recipe has to know of a manipulation; what it does is in the Synthesis project, and a test holds the two together.</summary>
/// <param name="Parameter">Name of its parameter; null when it has none.</param>
/// <param name="Least">Least value of the parameter.</param>
/// <param name="Most">Greatest value of the parameter.</param>
/// <param name="KeepsRows">Whether it can be confined to movement along rows, as OCT needs.</param>
/// <param name="Summary">What it does, in a sentence.</param>
public sealed record ManipulationTraits(string? Parameter, double Least, double Most, bool KeepsRows, string Summary)
{
    /// <summary>Lower and upper end of the range where a recipe gives none; absent where there is no parameter.</summary>
    public IReadOnlyList<double>? Default { get; init; }
}

/// <summary>The manipulations that recipes may name.</summary>
public static class Manipulations
{
    /// <summary>What stands for a manipulation where there is none: the sample was drawn from noise and its category, and no recipe may name it.</summary>
    public const string None = "none";

    /// <summary>Their traits, by name.</summary>
    public static IReadOnlyDictionary<string, ManipulationTraits> All { get; } = new SortedDictionary<string, ManipulationTraits>(StringComparer.Ordinal)
    {
        ["ori"] = Fixed("The CAM as it is (paper). Its image is a near copy of a training image: for checking, never for sharing."),
        ["flr"] = Fixed("All channels flipped left to right (paper)."),
        ["trs"] = Fixed("The main lesion's patch swapped with another (paper)."),
        ["shift"] = new("fraction", -1, 1, true, "A movement of the map, as a fraction of its side.") { Default = [-0.15, 0.15] },
        ["rotate"] = new("degrees", -180, 180, false, "A turn of the map about its center. Not for OCT: it moves lesions across layers.") { Default = [-15, 15] },
        ["scale"] = new("factor", 0.1, 10, true, "A zoom of the map about its center.") { Default = [0.9, 1.15] },
        ["gain"] = new("gain", 0, 10, true, "Severity: the lesion's channel made stronger or weaker.") { Default = [0.7, 1.5] },
        ["mix"] = new("weight", 0, 1, true, "A weighted mean of two CAMs of one category; the parameter is the first one's share.") { Default = [0.3, 0.7] },
        ["copy-lesion"] = Fixed("The main lesion's patch of another image of the category put in."),
        ["erase-secondary"] = Fixed("The strongest activation apart from the main lesion erased."),
    };

    private static ManipulationTraits Fixed(string summary) => new(null, 0, 0, true, summary);
}
