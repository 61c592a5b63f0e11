using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Sampling;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Datasets;
using Factory.Synthesis;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Cams.Manipulations;

namespace Factory.GpuWorker.Generation;

/// <summary>The samples of a generator that takes CAMs or lesion maps: source, manipulation, parameters, condition map.</summary>
internal sealed class SamplePreparation : ISampleDraws
{
    private readonly SynthesisSpec _spec;
    private readonly IReadOnlyList<CamSource> _sources;
    private readonly CamStore _cams;
    private readonly ConditionBasis _basis;
    private readonly int _size;
    private readonly SamplePlan _plan;
    private readonly Dictionary<string, Manipulation> _manipulations;

    /// <summary>Prepares the samples of a corpus.</summary>
    /// <param name="spec">How they are drawn.</param>
    /// <param name="sources">What they are drawn from.</param>
    /// <param name="cams">Where the sources' CAMs are.</param>
    /// <param name="basis">What their maps are.</param>
    /// <param name="size">The generator's side in pixels.</param>
    public SamplePreparation(SynthesisSpec spec, IReadOnlyList<CamSource> sources, CamStore cams, ConditionBasis basis, int size)
    {
        (_spec, _sources, _cams, _basis, _size) = (spec, sources, cams, basis, size);
        _plan = SamplePlan.Of(sources, spec);
        _manipulations = spec.Manipulations.ToDictionary(choice => choice.Name, Create);
    }

    /// <inheritdoc/>
    public PreparedSample Prepare(long index, int draw)
    {
        SampleDraw drawn = _plan.Draw(index);
        ulong seed = SampleSeeds.Derive(_spec.Seed, index, draw);
        Rng rng = new(seed);
        ulong choice = rng.NextUInt64();
        int? partner = _plan.Partner(drawn.Label, rng.NextUInt64(), drawn.Source);
        Manipulation manipulation = Choose(choice, partner is not null);
        ManipulatedCam manipulated = Apply(manipulation, drawn, partner, rng);
        return new()
        {
            Index = index,
            Draw = draw,
            Label = drawn.Label,
            Source = drawn.Source,
            Partner = manipulation.NeedsPartner ? partner : null,
            Seed = seed,
            Manipulation = manipulated.Name,
            Parameters = manipulated.Parameters,
            Cam = manipulated.Cam,
            Condition = _basis.Condition(manipulated.Cam).Resize(_size),
        };
    }

    /// <summary>One source under one manipulation, for a contact sheet.</summary>
    public ConditionMap Show(int source, string manipulation, ulong seed)
    {
        Rng rng = new(seed);
        int? partner = _plan.Partner(_sources[source].Label, rng.NextUInt64(), source);
        Manipulation chosen = _manipulations[manipulation];
        if (chosen.NeedsPartner && partner is null) return Original(source);
        ManipulatedCam manipulated = Apply(chosen, new(_sources[source].Label, source, 0), partner, rng);
        return _basis.Condition(manipulated.Cam).Resize(_size);
    }

    /// <summary>The CAM or lesion map of a source.</summary>
    public Cam Cam(int source) => _cams.Load(_sources[source], _basis);

    /// <inheritdoc/>
    public ConditionMap? Original(PreparedSample sample) => sample.Source is { } source ? Original(source) : null;

    /// <summary>The condition map of a source as it is.</summary>
    public ConditionMap Original(int source) => _basis.Condition(Cam(source)).Resize(_size);

    private ManipulatedCam Apply(Manipulation manipulation, SampleDraw drawn, int? partner, Rng rng)
    {
        Cam cam = Cam(drawn.Source);
        return manipulation.Apply(
            cam, _basis.Channel(cam, drawn.Label), _spec.Modality == Modality.Oct, manipulation.NeedsPartner && partner is { } second ? Cam(second) : null, rng);
    }

    // Where a source is the only one of its category, manipulations that need a second one are left out of the draw.
    private Manipulation Choose(ulong random, bool hasPartner)
    {
        IReadOnlyList<ManipulationChoice> choices = hasPartner
            ? _spec.Manipulations
            : [.. _spec.Manipulations.Where(choice => !_manipulations[choice.Name].NeedsPartner)];
        if (choices.Count == 0) throw new PermanentWorkException("every manipulation of the recipe needs a second image of the category, and a category has only one; add flr or trs.");
        return _manipulations[ManipulationDraw.Pick(choices, random).Name];
    }

    private static Manipulation Create(ManipulationChoice choice) => choice.Range is { } range
        ? ManipulationRegistry.Create(choice.Name, new Dictionary<string, ParameterRange> { [ManipulationRegistry.ParameterOf(choice.Name) ?? "range"] = new(range[0], range[1]) })
        : ManipulationRegistry.Create(choice.Name);
}
