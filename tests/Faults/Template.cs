namespace Factory.Faults;

/// <summary>A factory into which collection and checkpoints were brought, for every test to begin with a copy.</summary>
/// <param name="Database">Connection string of its database; nobody is connected to it.</param>
/// <param name="Objects">Folder of its blobs.</param>
internal sealed record Template(string Database, string Objects)
{
    /// <summary>Copies its blobs into a folder.</summary>
    public void CopyTo(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(Objects, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(Objects, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    /// <summary>Copies its blobs into a bucket, where they have the same names.</summary>
    public Task CopyToAsync(Tests.Servers.S3Access bucket) => Task.WhenAll(Directory.EnumerateFiles(Objects, "*", SearchOption.AllDirectories)
        .Select(async file => await Tests.Servers.S3Server.PutAsync(bucket, Path.GetRelativePath(Objects, file), await File.ReadAllBytesAsync(file))));
}
