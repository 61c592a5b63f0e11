using Factory.Contracts.Work;

namespace Factory.Contracts.Sampling;

/// <summary>What planning needs to know of one source of synthesis. A source is named by its position in a list of these.</summary>
/// <param name="Label">Category index.</param>
/// <param name="Subject">Number of its subject; see <see cref="CamSource.Subject"/>.</param>
public readonly record struct PlanSource(int Label, int Subject)
{
    /// <summary>The part of <paramref name="source"/> that planning needs.</summary>
    public static PlanSource Of(CamSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new(source.Label, source.Subject);
    }
}

/// <summary>Says what one sample is made from.</summary>
/// <param name="Label">Category index.</param>
/// <param name="Source">Position of the source.</param>
/// <param name="Round">How many samples of this category its subject has in earlier rounds, from 0.</param>
public readonly record struct SampleDraw(int Label, int Source, long Round);

/// <summary>Says that the samples asked for cannot be drawn from the sources there are. Permanent: the recipe or the collection has to change.</summary>
public sealed class SamplePlanException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was asked, what is possible and what to do.</param>
    public SamplePlanException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception without a message.</summary>
    public SamplePlanException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was asked, what is possible and what to do.</param>
    /// <param name="innerException">What led to it.</param>
    public SamplePlanException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
