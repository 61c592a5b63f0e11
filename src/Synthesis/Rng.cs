namespace Factory.Synthesis;

/// <summary>
/// A seeded stream of random numbers (SplitMix64) whose values are the same on every platform and .NET version.
/// Its whole state is one 64-bit word, so a checkpoint can hold it. Not safe for use by several threads at once,
/// and not for secrets. Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
/// </summary>
public sealed class Rng
{
    private const ulong Increment = 0x9E3779B97F4A7C15;

    /// <summary>Starts the stream of a seed.</summary>
    /// <param name="seed">Any value; equal seeds give equal streams.</param>
    public Rng(ulong seed) => State = seed;

    /// <summary>The state after the numbers drawn so far; <see cref="FromState"/> continues from it.</summary>
    public ulong State { get; private set; }

    /// <summary>Continues a stream from a saved <see cref="State"/>.</summary>
    /// <param name="state">The saved state.</param>
    /// <returns>A stream whose next number is the one the saved stream would have drawn.</returns>
    public static Rng FromState(ulong state) => new(state);

    /// <summary>Scrambles a 64-bit value (the SplitMix64 finalizer): equal inputs give equal outputs, and one changed bit changes about half of them.</summary>
    /// <param name="value">Any value.</param>
    /// <returns>The mixed value.</returns>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>Draws 64 uniform bits.</summary>
    /// <returns>A value over the whole range of <see cref="ulong"/>.</returns>
    public ulong NextUInt64() => Mix(State += Increment);

    /// <summary>Draws a uniform number in [0, 1) from the top 53 bits of one draw.</summary>
    /// <returns>A multiple of 2^-53, at least 0 and below 1.</returns>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Draws a uniform number between two bounds.</summary>
    /// <param name="min">Lower bound, included.</param>
    /// <param name="max">Upper bound.</param>
    /// <returns>A value in [min, max).</returns>
    public double NextDouble(double min, double max) => min + ((max - min) * NextDouble());

    /// <summary>Draws a uniform integer from 0 to a bound, without bias (Lemire's rejection, arXiv 1805.10941).</summary>
    /// <param name="exclusiveMax">The bound, at least 1; never returned.</param>
    /// <returns>A value in [0, exclusiveMax).</returns>
    /// <exception cref="ArgumentOutOfRangeException">The bound is below 1.</exception>
    public int NextInt(int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exclusiveMax, 1);
        var bound = (ulong)exclusiveMax;
        var threshold = (0UL - bound) % bound;
        while (true)
        {
            var high = Math.BigMul(NextUInt64(), bound, out var low);
            if (low >= threshold)
                return (int)high;
        }
    }

    /// <summary>Draws from the standard normal distribution (Box and Muller, two draws a number and nothing kept back).</summary>
    /// <returns>A value of mean 0 and variance 1, at most about 8.6 in magnitude.</returns>
    public double NextGaussian()
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }
}
