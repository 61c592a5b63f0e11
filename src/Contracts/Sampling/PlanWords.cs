using System.Globalization;

namespace Factory.Contracts.Sampling;

/// <summary>The sentences that say why samples cannot be drawn.</summary>
internal sealed class PlanWords(IReadOnlyList<long> counts, int? perSubject, CategoryList? categories)
{
    public SamplePlanException NoSource(int category) => new(string.Create(CultureInfo.InvariantCulture,
        $"Category {Name(category)} has no training image to draw from, {counts[category]} samples asked; ask for none with counts, use balance: sources, or add images."));

    public SamplePlanException TooFew(IReadOnlyList<int> wanting, int subjects)
    {
        long most = (long)subjects * perSubject!.Value;
        long asked = wanting.Sum(category => counts[category]);
        string who = wanting.Count == 1 ? $"Category {Name(wanting[0])}" : $"Categories {string.Join(" and ", wanting.Select(Name))} together";
        return new(string.Create(CultureInfo.InvariantCulture,
            $"{who}: {subjects} subjects x {perSubject} = {most} samples at most, {asked} asked; raise perSubject or lower samples."));
    }

    private string Name(int category) => categories?.Names[category] ?? category.ToString(CultureInfo.InvariantCulture);
}
