using System.Globalization;
using System.Text.RegularExpressions;

namespace Factory.Contracts.Recipes;

/// <summary>
/// One trial of a step: the same training once more, with another seed. The first bears the step's own name; a further one is a step of its own, named
/// <c>STEP.trialN</c>, from which its seed derives as that of any step does.
/// </summary>
/// <param name="Step">The step's name, as the recipe has it.</param>
/// <param name="Number">The trial, from 1 to <see cref="Most"/>.</param>
public sealed partial record StepTrial(string Step, int Number)
{
    /// <summary>Most trials of a step.</summary>
    public const int Most = 20;

    /// <summary>The name under which the trial is run: no name that a recipe may write has a dot.</summary>
    public string Name => Number == 1 ? Step : string.Create(CultureInfo.InvariantCulture, $"{Step}.trial{Number}");

    /// <summary>Reads a name. One that is no further trial's, such as a reference to a checkpoint, is the first trial of what it names.</summary>
    /// <param name="name">Name of a step as it is run, or a reference.</param>
    public static StepTrial Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return !StepInput.IsCheckpoint(name) && Further().Match(name) is { Success: true } match
            ? new(match.Groups[1].Value, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))
            : new(name, 1);
    }

    [GeneratedRegex(@"^(.+)\.trial([0-9]{1,2})\z")]
    private static partial Regex Further();
}
