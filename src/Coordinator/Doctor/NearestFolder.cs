namespace Factory.Coordinator.Doctor;

/// <summary>Where a path that may not exist yet begins to exist.</summary>
public static class NearestFolder
{
    /// <summary>The path itself when it is a folder, else the nearest folder above it.</summary>
    public static string Of(string path)
    {
        string full = Path.GetFullPath(path);
        while (!Directory.Exists(full)) full = Path.GetDirectoryName(full) ?? Path.GetPathRoot(path)!;
        return full;
    }
}
