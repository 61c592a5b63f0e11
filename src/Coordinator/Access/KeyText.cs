using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Factory.Coordinator.Access;

/// <summary>How a key is written: <c>fct_</c>, twelve hexadecimal digits that name it, <c>_</c>, and 256 random bits in base64url. Scanners for leaked secrets know it by that form.</summary>
internal static partial class KeyText
{
    private const int IdBytes = 6;
    private const int SecretBytes = 32;

    /// <summary>Draws a key.</summary>
    public static (string PublicId, string Key) Draw()
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        return (id, $"fct_{id}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}");
    }

    /// <summary>The public part of a key; null when the text is none.</summary>
    public static string? PublicIdOf(string text) => Form().Match(text) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>A text without the secrets of the keys in it, which somebody may have put where an id belongs.</summary>
    public static string WithoutSecrets(string text) => Secret().Replace(text, "$1...");

    [GeneratedRegex("(fct_[0-9a-f]{12}_)[A-Za-z0-9_-]+")]
    private static partial Regex Secret();

    [GeneratedRegex(@"\Afct_([0-9a-f]{12})_[A-Za-z0-9_-]{43}\z")]
    private static partial Regex Form();
}
