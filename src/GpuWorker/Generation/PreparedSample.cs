using Factory.Synthesis.Cams;

namespace Factory.GpuWorker.Generation;

/// <summary>One draw of a sample, ready for the generator.</summary>
internal sealed record PreparedSample
{
    /// <summary>Index in the corpus.</summary>
    public required long Index { get; init; }

    /// <summary>The draw, from 0.</summary>
    public required int Draw { get; init; }

    /// <summary>Category index.</summary>
    public required int Label { get; init; }

    /// <summary>Number of the source; null where the generator is label-conditioned.</summary>
    public int? Source { get; init; }

    /// <summary>Number of the second source.</summary>
    public int? Partner { get; init; }

    /// <summary>The sample's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The manipulation, with what it drew.</summary>
    public required string Manipulation { get; init; }

    /// <summary>What the manipulation drew.</summary>
    public required IReadOnlyDictionary<string, double> Parameters { get; init; }

    /// <summary>The manipulated CAM behind the condition map, as the classifier's grid has it; null where the generator is label-conditioned.</summary>
    public Cam? Cam { get; init; }

    /// <summary>The condition map, of the generator's size; null where the generator is label-conditioned, which sees category and seed alone.</summary>
    public ConditionMap? Condition { get; init; }
}
