namespace Factory.Cli.Commands;

/// <summary>Reads recipe files.</summary>
internal static class RecipeFile
{
    private const long BytesLimit = 1 << 20;

    /// <summary>The text of a recipe file of at most 1 MiB.</summary>
    /// <exception cref="CliException">The file is missing, a folder, or too large.</exception>
    public static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        FileInfo file = new(path);
        if (Directory.Exists(path)) throw new CliException($"{path} is a folder; a recipe is a YAML file.");
        if (!file.Exists) throw new CliException($"there is no recipe {path}.");
        if (file.Length > BytesLimit) throw new CliException($"{path} has {file.Length} bytes; a recipe has at most 1 MiB.");
        return await File.ReadAllTextAsync(path, cancellationToken);
    }
}
