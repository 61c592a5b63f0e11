using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Factory.Contracts;

/// <summary>A SHA-256 digest: the identity of everything the factory stores. Written as 64 lower-case hexadecimal digits.</summary>
[JsonConverter(typeof(Sha256DigestJsonConverter))]
public readonly record struct Sha256Digest : IComparable<Sha256Digest>
{
    private readonly string? _hex;

    private Sha256Digest(string hex) => _hex = hex;

    /// <summary>The digest as 64 lower-case hexadecimal digits.</summary>
    public string Hex => _hex ?? new string('0', 64);

    /// <summary>The first 12 digits, for people.</summary>
    public string Short => Hex[..12];

    /// <summary>The digest of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">The bytes to digest; may be empty.</param>
    public static Sha256Digest Of(ReadOnlySpan<byte> bytes) => FromHash(SHA256.HashData(bytes));

    /// <summary>Wraps a finished hash.</summary>
    /// <param name="hash">Exactly 32 bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="hash"/> is not 32 bytes long.</exception>
    public static Sha256Digest FromHash(ReadOnlySpan<byte> hash) => hash.Length == 32
        ? new(Convert.ToHexStringLower(hash))
        : throw new ArgumentException($"A SHA-256 digest has 32 bytes, not {hash.Length}.", nameof(hash));

    /// <summary>Reads 64 hexadecimal digits, with or without a leading <c>sha256:</c>.</summary>
    /// <param name="text">The text to read.</param>
    /// <exception cref="FormatException">The text is not a SHA-256 digest.</exception>
    public static Sha256Digest Parse(string text) => TryParse(text, out Sha256Digest digest)
        ? digest
        : throw new FormatException($"'{text}' is not a SHA-256 digest: 64 hexadecimal digits are needed.");

    /// <summary>Reads 64 hexadecimal digits, with or without a leading <c>sha256:</c>.</summary>
    /// <param name="text">The text to read.</param>
    /// <param name="digest">The digest read.</param>
    /// <returns>Whether the text was a digest.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out Sha256Digest digest)
    {
        digest = default;
        if (text is null) return false;
        string hex = text.StartsWith("sha256:", StringComparison.Ordinal) ? text[7..] : text;
        if (hex.Length != 64 || !hex.All(char.IsAsciiHexDigit)) return false;
        digest = new(hex.ToLowerInvariant());
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(Sha256Digest other) => string.CompareOrdinal(Hex, other.Hex);

    /// <summary>Ordinal order of the hexadecimal digits.</summary>
    public static bool operator <(Sha256Digest left, Sha256Digest right) => left.CompareTo(right) < 0;

    /// <summary>Ordinal order of the hexadecimal digits.</summary>
    public static bool operator >(Sha256Digest left, Sha256Digest right) => left.CompareTo(right) > 0;

    /// <summary>Ordinal order of the hexadecimal digits.</summary>
    public static bool operator <=(Sha256Digest left, Sha256Digest right) => left.CompareTo(right) <= 0;

    /// <summary>Ordinal order of the hexadecimal digits.</summary>
    public static bool operator >=(Sha256Digest left, Sha256Digest right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => Hex;

    private sealed class Sha256DigestJsonConverter : JsonConverter<Sha256Digest>
    {
        public override Sha256Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TryParse(reader.GetString(), out Sha256Digest digest) ? digest : throw new JsonException($"'{reader.GetString()}' is not a SHA-256 digest.");

        public override void Write(Utf8JsonWriter writer, Sha256Digest value, JsonSerializerOptions options) => writer.WriteStringValue(value.Hex);
    }
}
