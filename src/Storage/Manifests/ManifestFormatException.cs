namespace Factory.Storage.Manifests;

/// <summary>A manifest that cannot be read, or contradicts itself.</summary>
/// <param name="file">The file.</param>
/// <param name="finding">What is wrong, with the field.</param>
public sealed class ManifestFormatException(string file, string finding)
    : Exception($"{file}: {finding}");

/// <summary>A folder that cannot hold, or does not hold, a corpus.</summary>
/// <param name="message">What is wrong and what to do, in one line.</param>
public sealed class CorpusFolderException(string message)
    : Exception(message);
