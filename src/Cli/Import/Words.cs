using Factory.Contracts;

namespace Factory.Cli.Import;

/// <summary>The words in which folders and tables name modalities, sides of a split and sides of a face.</summary>
internal static class Words
{
    /// <summary>The modality a word names.</summary>
    public static Modality? Modality(string word) => word.Trim().ToUpperInvariant() switch
    {
        "CFP" or "FUNDUS" or "COLOR" or "COLOUR" => Contracts.Modality.Cfp,
        "OCT" => Contracts.Modality.Oct,
        _ => null,
    };

    /// <summary>The modality that a folder on the path names.</summary>
    public static Modality? ModalityOfPath(string path) => path.Split('/')[..^1].Select(Modality).FirstOrDefault(modality => modality is not null);

    /// <summary>The side of a split a word names.</summary>
    public static Split? Split(string word) => word.Trim().ToUpperInvariant() switch
    {
        "TRAIN" or "TRAINING" => Contracts.Split.Train,
        "VAL" or "VALID" or "VALIDATION" or "DEV" => Contracts.Split.Validation,
        "TEST" or "TESTING" => Contracts.Split.Test,
        _ => null,
    };

    /// <summary>Whether a word says left or right, which names no eye without its subject.</summary>
    public static bool IsLaterality(string word) => word.Trim().ToUpperInvariant() is "L" or "R" or "LEFT" or "RIGHT" or "OD" or "OS" or "LE" or "RE" or "0" or "1";

    /// <summary>Whether a category is named like a healthy one.</summary>
    public static bool IsHealthy(string name)
    {
        string plain = Plain(name);
        return plain is "NORMAL" or "NONE" or "HEALTHY" or "HEALTH" or "CONTROL" or "NODR" or "NODISEASE" or "0" or "H" || plain.StartsWith("DR0", StringComparison.Ordinal);
    }

    /// <summary>Upper-case letters and digits of a name.</summary>
    public static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();
}
