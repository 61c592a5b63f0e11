using CsCheck;
using Factory.Contracts.Sampling;

namespace Factory.Contracts.Tests.Sampling;

/// <summary>Random collections and what plans make of them.</summary>
internal static class Plans
{
    public const int Categories = 4;

    public static Gen<PlanSource[]> Sources { get; } =
        Gen.Select(Gen.Int[0, Categories - 1], Gen.Int[0, 25], (label, subject) => new PlanSource(label, subject)).Array[1, 80];

    public static long[] CountsOf(PlanSource[] sources, Func<int, long> count) =>
        [.. Enumerable.Range(0, Categories).Select(category => sources.Any(source => source.Label == category) ? count(category) : 0)];

    public static List<SampleDraw> Draws(SamplePlan plan)
    {
        List<SampleDraw> draws = [];
        for (long index = 0; index < plan.Count; index++) draws.Add(plan.Draw(index));
        return draws;
    }

    /// <summary>One source a subject; category sizes as given.</summary>
    public static PlanSource[] OneEach(params int[] sizes)
    {
        int subject = 0;
        return [.. sizes.SelectMany((size, label) => Enumerable.Range(0, size).Select(_ => new PlanSource(label, subject++)))];
    }
}
