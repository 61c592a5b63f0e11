using Factory.Contracts;
using Factory.Contracts.Recipes;

namespace Factory.Coordinator.Recipes;

/// <summary>The keys at the top of a recipe; those of steps are in <see cref="StepKinds"/>.</summary>
internal static class RecipeKeys
{
    /// <summary>Most steps of a recipe.</summary>
    public const int MaxSteps = 100;

    /// <summary>What a step may be called.</summary>
    public const string StepNamePattern = "^[A-Za-z0-9_-]{1,63}$";

    /// <summary>The key under which steps are.</summary>
    public const string Steps = "steps";

    /// <summary>The key that says what a step does.</summary>
    public const string Kind = "kind";

    /// <summary>The name of the step that every run ends with.</summary>
    public const string ReservedStep = "report";

    /// <summary>The key that says how often what is judged is trained.</summary>
    public const string Trials = "trials";

    private static readonly GroupType Numerics = new(
        [
            new("device", new ChoiceType("cpu", "cuda"), "Kind of device.") { Unset = "the coordinator's setting" },
            new("threads", new WholeType(1, 256), "Threads of one torch operation.") { Unset = "the coordinator's setting" },
        ],
        v => new NumericsRequest { Device = v.OrNull<string>("device"), Threads = v.IntOrNull("threads") });

    /// <summary>Every key but <see cref="Steps"/>.</summary>
    public static IReadOnlyList<RecipeField> All { get; } =
    [
        new("apiVersion", new ChoiceType(Recipe.CurrentApiVersion), "Version of the format.") { Required = true },
        new("name", new TextType("^[a-z0-9][a-z0-9-]{0,62}$", "lower-case letters, digits and dashes, at most 63"), "Names the run's outputs.") { Required = true },
        new("collection", new TextType("^[a-z0-9][a-z0-9-]{0,62}(@[0-9]{1,9})?$", "a collection's name, or name@version"),
            "The collection to learn from: its latest version, or the one named. The run is pinned to it when submitted.") { Required = true },
        new("modality", new ChoiceType("cfp", "oct"), "The modality whose images are used.") { Required = true },
        new("seed", new WholeType(0, ulong.MaxValue), "Seed of every random draw.") { Default = 1UL },
        new(Trials, new WholeType(1, StepTrial.Most), "Trials of every classifier that an Evaluate step names, and of those that these are fine-tuned from: trained so often, each with a seed of its own. What makes CAMs only is trained once.") { Default = 1L },
        new("numerics", Numerics, "What changes bits.") { Default = new NumericsRequest(), Unset = "the coordinator's settings" },
    ];
}
