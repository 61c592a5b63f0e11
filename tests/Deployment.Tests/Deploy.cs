namespace Factory.Deployment.Tests;

/// <summary>The folder <c>deploy</c> of the source tree the tests were built from.</summary>
internal static class Deploy
{
    public static string Folder { get; } = Find();

    public static string PathOf(string name) => Path.Combine(Folder, name);

    public static string Read(string name) => File.ReadAllText(PathOf(name));

    private static string Find()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Factory.sln"))) return Path.Combine(folder, "deploy");
        }
        throw new DirectoryNotFoundException($"No folder above '{AppContext.BaseDirectory}' holds Factory.sln.");
    }
}
