namespace Factory.Cli.Import;

/// <summary>The folder that is imported: walks it without leaving it, and finds files that a table names.</summary>
internal sealed class SourceFolder
{
    private const int LinkLimit = 40;

    /// <summary>Extensions that make a file an image by its name. Those not decoded are here so that they are refused with a reason, not overlooked.</summary>
    public static readonly IReadOnlyList<string> ImageExtensions =
        [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".heic", ".heif", ".jp2", ".dcm"];

    private static readonly HashSet<string> Extensions = new(ImageExtensions, StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _realFolders = new(StringComparer.Ordinal);

    /// <summary>Opens a folder.</summary>
    /// <param name="path">An existing folder.</param>
    public SourceFolder(string path) => Root = RealPath(path);

    /// <summary>The folder's path with all links resolved.</summary>
    public string Root { get; }

    /// <summary>Whether a file is an image by its name.</summary>
    public static bool IsImageName(string path) => Extensions.Contains(Path.GetExtension(path));

    /// <summary>All image files below a folder, relative to the root, sorted. Links that lead out, and links to folders, are refused.</summary>
    public List<string> Images(RefusedFiles refused, string below = "")
    {
        List<string> found = [];
        Walk(Path.Combine(Root, below), refused, found);
        found.Sort(StringComparer.Ordinal);
        return found;
    }

    /// <summary>Path to open for a relative path; nothing when links lead out of the folder.</summary>
    public string? Inside(string relative)
    {
        string full = Path.Combine(Root, relative);
        string folder = Path.GetDirectoryName(full)!;
        if (!_realFolders.TryGetValue(folder, out string? real)) _realFolders[folder] = real = RealPath(folder);
        string path = Path.Combine(real, Path.GetFileName(full));
        if (new FileInfo(path).LinkTarget is not null) path = RealPath(path);
        return Contains(path) ? path : null;
    }

    /// <summary>Path relative to the root, with forward slashes.</summary>
    public string Relative(string full) => Path.GetRelativePath(Root, full).Replace('\\', '/');

    /// <summary>Whether a resolved path lies in the folder.</summary>
    public bool Contains(string real) => real.StartsWith(Root.EndsWith(Path.DirectorySeparatorChar) ? Root : Root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private void Walk(string folder, RefusedFiles refused, List<string> found)
    {
        foreach (FileSystemInfo entry in Entries(folder))
        {
            if (entry.Name.StartsWith('.') || entry.Name == "__MACOSX") continue;
            string relative = Relative(entry.FullName);
            bool isFolder = entry.Attributes.HasFlag(FileAttributes.Directory);
            if (isFolder && entry.LinkTarget is null) Walk(entry.FullName, refused, found);
            else if (isFolder) refused.Add(relative, "link", "it is a link to a folder, which import does not follow; copy the images in");
            else if (!IsImageName(entry.Name)) continue;
            else if (entry.LinkTarget is not null && Inside(relative) is null) refused.Add(relative, "outside the folder", "it is a link that leads out of the folder");
            else found.Add(relative);
        }
    }

    private static FileSystemInfo[] Entries(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).GetFileSystemInfos();
        }
        catch (DirectoryNotFoundException)
        {
            throw new CliException($"{folder} was there and is gone while the folder is read; import again when nothing changes it any more.");
        }
    }

    private static string RealPath(string path)
    {
        string full = Path.GetFullPath(path), resolved = Path.GetPathRoot(full)!;
        Stack<string> rest = new(Parts(full[resolved.Length..]));
        for (int links = 0; rest.TryPop(out string? part);)
        {
            if (part == ".") continue;
            string next = part == ".." ? Path.GetDirectoryName(resolved) ?? resolved : Path.Combine(resolved, part);
            if (part == ".." || new FileInfo(next).LinkTarget is not { } target)
            {
                resolved = next;
                continue;
            }
            if (++links > LinkLimit) throw new CliException($"{path} goes through more than {LinkLimit} links; give the folder they lead to.");
            if (Path.IsPathRooted(target)) (resolved, target) = (Path.GetPathRoot(target)!, target[Path.GetPathRoot(target)!.Length..]);
            foreach (string step in Parts(target)) rest.Push(step);
        }
        return resolved;
    }

    private static IEnumerable<string> Parts(string path) =>
        path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Reverse();
}
