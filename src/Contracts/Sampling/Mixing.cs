namespace Factory.Contracts.Sampling;

/// <summary>Spreads the bits of seeds: the finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).</summary>
internal static class Mixing
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;

    /// <summary>A bijection in which every output bit depends on every input bit.</summary>
    public static ulong Mix(ulong value)
    {
        value += Gamma;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>The upper 53 bits as a number in [0, 1).</summary>
    public static double Unit(ulong value) => (value >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number from 0 to <paramref name="count"/> - 1, uniform but for a bias below count / 2^64.</summary>
    public static long Below(ulong value, long count) => (long)(((UInt128)value * (ulong)count) >> 64);

    /// <summary>Shuffles in place (Fisher and Yates).</summary>
    public static void Shuffle<T>(Span<T> items, ulong seed)
    {
        for (int last = items.Length - 1; last > 0; last--)
        {
            int other = (int)Below(Mix(seed + ((ulong)last * Gamma)), last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }
}
