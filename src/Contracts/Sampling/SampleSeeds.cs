using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Factory.Contracts.Sampling;

/// <summary>Derives the seeds of steps and samples, and the keys of samples, by SHA-256. Each use has its own domain, so none tells of another.</summary>
public static class SampleSeeds
{
    /// <summary>Length of a sample's key in characters: 100 bits.</summary>
    public const int KeyLength = 20;

    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>The seed of a step of a run.</summary>
    /// <param name="runSeed">The recipe's seed.</param>
    /// <param name="step">Name of the step.</param>
    public static ulong Derive(ulong runSeed, string step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        byte[] name = Encoding.UTF8.GetBytes(step);
        byte[] input = new byte[sizeof(ulong) + name.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(input, runSeed);
        name.CopyTo(input, sizeof(ulong));
        Hash("factory/step-seed/1\0"u8, input, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }

    /// <summary>The seed of one draw of a sample.</summary>
    /// <param name="corpusSeed">Seed of the corpus; see <see cref="Derive(ulong, string)"/>.</param>
    /// <param name="index">Index of the sample in the corpus, from 0.</param>
    /// <param name="draw">0, and one more for each time the sample was rejected.</param>
    public static ulong Derive(ulong corpusSeed, long index, int draw)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> input = stackalloc byte[sizeof(ulong) + sizeof(long) + sizeof(int)];
        BinaryPrimitives.WriteUInt64LittleEndian(input, corpusSeed);
        BinaryPrimitives.WriteInt64LittleEndian(input[8..], index);
        BinaryPrimitives.WriteInt32LittleEndian(input[16..], draw);
        Hash("factory/sample-seed/1\0"u8, input, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }

    /// <summary>The key of a sample: <see cref="KeyLength"/> lower-case letters and digits that say nothing of its source.</summary>
    /// <param name="corpusSeed">Seed of the corpus.</param>
    /// <param name="index">Index of the sample in the corpus, from 0.</param>
    public static string Key(ulong corpusSeed, long index)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> input = stackalloc byte[sizeof(ulong) + sizeof(long)];
        BinaryPrimitives.WriteUInt64LittleEndian(input, corpusSeed);
        BinaryPrimitives.WriteInt64LittleEndian(input[8..], index);
        Hash("factory/sample-key/1\0"u8, input, hash);
        UInt128 bits = BinaryPrimitives.ReadUInt128LittleEndian(hash);
        Span<char> key = stackalloc char[KeyLength];
        for (int position = 0; position < KeyLength; position++, bits >>= 5) key[position] = Base32[(int)(bits & 31)];
        return new(key);
    }

    private static void Hash(ReadOnlySpan<byte> domain, ReadOnlySpan<byte> input, Span<byte> hash)
    {
        // The domain ends in a zero byte, so that no domain and input read as another pair.
        Span<byte> all = domain.Length + input.Length <= 128 ? stackalloc byte[domain.Length + input.Length] : new byte[domain.Length + input.Length];
        domain.CopyTo(all);
        input.CopyTo(all[domain.Length..]);
        SHA256.HashData(all, hash);
    }
}
