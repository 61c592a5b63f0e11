using Factory.Contracts.Recipes;

namespace Factory.Contracts.Sampling;

/// <summary>Draws the manipulation of a sample.</summary>
public static class ManipulationDraw
{
    /// <summary>Picks one of the choices with a frequency in proportion to its weight.</summary>
    /// <param name="choices">At least one choice, each with a weight above 0.</param>
    /// <param name="seed">The sample's seed; what is drawn from it here is independent of a generator seeded with it.</param>
    /// <exception cref="ArgumentException">There is no choice.</exception>
    public static ManipulationChoice Pick(IReadOnlyList<ManipulationChoice> choices, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(choices);
        if (choices.Count == 0) throw new ArgumentException("There is no manipulation to pick from.", nameof(choices));
        double total = 0;
        for (int index = 0; index < choices.Count; index++) total += choices[index].Weight;
        double target = Mixing.Unit(Mixing.Mix(seed ^ 0x6D616E6970756C61)) * total;
        for (int index = 0; index < choices.Count - 1; index++)
        {
            target -= choices[index].Weight;
            if (target < 0) return choices[index];
        }
        return choices[^1];
    }
}
