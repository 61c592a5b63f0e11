using Factory.Contracts.Recipes;
using Factory.Contracts.Sampling;
using Factory.Contracts.Work;

namespace Factory.GpuWorker.Generation;

/// <summary>Derives samples from their index alone. Pure, and safe from any thread.</summary>
internal interface ISampleDraws
{
    /// <summary>One draw of one sample.</summary>
    /// <param name="index">Index in the corpus.</param>
    /// <param name="draw">The draw, from 0; each has its own seed, and keeps the sample's category.</param>
    PreparedSample Prepare(long index, int draw);
}

/// <summary>The samples of a label-conditioned generator: a category and a seed, which is that of the noise.</summary>
internal sealed class LabelDraws(SynthesisSpec spec) : ISampleDraws
{
    private readonly SamplePlan _plan = SamplePlan.OfLabels(spec);

    /// <inheritdoc/>
    public PreparedSample Prepare(long index, int draw) => new()
    {
        Index = index,
        Draw = draw,
        Label = _plan.Draw(index).Label,
        Seed = SampleSeeds.Derive(spec.Seed, index, draw),
        Manipulation = Manipulations.None,
        Parameters = new Dictionary<string, double>(),
    };
}
