using Factory.Contracts.Recipes;
using Factory.Contracts.Sampling;
using Factory.Contracts.Work;
using Factory.Synthesis.Cams;

namespace Factory.GpuWorker.Generation;

/// <summary>Derives samples from their index alone. Pure, and safe from any thread.</summary>
internal interface ISampleDraws
{
    /// <summary>One draw of one sample.</summary>
    /// <param name="index">Index in the corpus.</param>
    /// <param name="draw">The draw, from 0; each has its own seed, and keeps the sample's category.</param>
    PreparedSample Prepare(long index, int draw);

    /// <summary>The condition map of a sample's source as it is, of the generator's size; null where there is no source.</summary>
    ConditionMap? Original(PreparedSample sample);
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

    /// <inheritdoc/>
    public ConditionMap? Original(PreparedSample sample) => null;
}
