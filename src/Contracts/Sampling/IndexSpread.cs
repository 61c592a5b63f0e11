using System.Numerics;

namespace Factory.Contracts.Sampling;

/// <summary>
/// A bijection of 0..N-1 that spreads neighbors: p = (a i + b) mod N, with a coprime to N and near N divided by the golden ratio, so that any stretch of indices
/// falls on every range of p nearly in proportion (three-distance theorem).
/// </summary>
internal readonly struct IndexSpread
{
    // 2^64 divided by the golden ratio.
    private const ulong GoldenFraction = 0x9E3779B97F4A7C15;

    private readonly ulong _count;
    private readonly ulong _factor;
    private readonly ulong _offset;

    public IndexSpread(long count, ulong seed)
    {
        _count = (ulong)count;
        _factor = count == 0 ? 0 : NearestCoprime((ulong)(((UInt128)_count * GoldenFraction) >> 64), _count);
        _offset = count == 0 ? 0 : (ulong)Mixing.Below(Mixing.Mix(seed), count);
    }

    public long Place(long index) => (long)((((UInt128)_factor * (ulong)index) + _offset) % _count);

    private static ulong NearestCoprime(ulong wanted, ulong count)
    {
        for (ulong distance = 0; distance <= count; distance++)
        {
            if (BigInteger.GreatestCommonDivisor(wanted + distance, count) == 1) return wanted + distance;
            if (wanted > distance && BigInteger.GreatestCommonDivisor(wanted - distance, count) == 1) return wanted - distance;
        }
        return 1;
    }
}
