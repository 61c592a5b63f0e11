namespace Factory.Cli.Import;

/// <summary>Finds the files that a table names: by path, without the extension, or by name alone where it is unique in the folder.</summary>
internal sealed class CsvFiles(SourceFolder folder)
{
    private Dictionary<string, List<string>>? _byName;

    /// <summary>Finds a file.</summary>
    /// <param name="written">The path as the table has it.</param>
    /// <returns>The relative path; the path to open, or else the kind of refusal.</returns>
    public (string Path, string? Full, string? Refusal) Find(string written)
    {
        string path = written.Replace('\\', '/');
        if (path.Contains('\0', StringComparison.Ordinal)) return (written, null, "outside the folder");
        if (Path.IsPathRooted(path))
        {
            if (!folder.Contains(Path.GetFullPath(path))) return (written, null, "outside the folder");
            path = folder.Relative(Path.GetFullPath(path));
        }
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Contains("..")) return (written, null, "outside the folder");
        path = string.Join('/', parts.Where(part => part != "."));
        string? found = SourceFolder.ImageExtensions.Prepend("").Select(extension => path + extension).FirstOrDefault(candidate => File.Exists(Path.Combine(folder.Root, candidate)));
        if (found is null && !path.Contains('/', StringComparison.Ordinal))
        {
            List<string> named = ByName(path);
            if (named.Count > 1) return (path, null, "ambiguous name");
            found = named.Count == 1 ? named[0] : null;
        }
        if (found is null) return (path, null, "missing file");
        return folder.Inside(found) is { } full ? (found, full, null) : (found, null, "outside the folder");
    }

    private List<string> ByName(string name)
    {
        _byName ??= Index();
        return _byName.GetValueOrDefault(name, []);
    }

    private Dictionary<string, List<string>> Index()
    {
        Dictionary<string, List<string>> index = new(StringComparer.Ordinal);
        // What the walk refuses is not listed in the table, so it is nobody's loss here.
        foreach (string path in folder.Images(new RefusedFiles()))
        {
            Add(index, Path.GetFileName(path), path);
            Add(index, Path.GetFileNameWithoutExtension(path), path);
        }
        return index;
    }

    private static void Add(Dictionary<string, List<string>> index, string name, string path)
    {
        if (!index.TryGetValue(name, out List<string>? paths)) index[name] = paths = [];
        paths.Add(path);
    }
}
