namespace Factory.Architecture.Tests;

/// <summary>The source tree the tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] TextExtensions =
        [".cs", ".csproj", ".props", ".targets", ".md", ".txt", ".yaml", ".yml", ".json", ".sln", ".editorconfig", ""];

    private static readonly string[] GeneratedFolders = ["bin", "obj", ".git", "TestResults", "BenchmarkDotNet.Artifacts", "factory-data"];

    public static string Root { get; } = FindRoot();

    /// <summary>Every C# file of src and tests that a person wrote, relative to the root with forward slashes.</summary>
    public static IEnumerable<string> CSharpFiles => TextFiles
        .Where(path => path.EndsWith(".cs", StringComparison.Ordinal) && (path.StartsWith("src/", StringComparison.Ordinal) || path.StartsWith("tests/", StringComparison.Ordinal)))
        .Where(path => !path.Contains("/Migrations/", StringComparison.Ordinal));

    /// <summary>Every text file of the repository, build outputs left out.</summary>
    public static IEnumerable<string> TextFiles => Walk(Root)
        .Where(path => TextExtensions.Contains(Path.GetExtension(path)))
        .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
        .Order(StringComparer.Ordinal);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static IEnumerable<string> Walk(string folder) => Directory.EnumerateFiles(folder).Concat(
        Directory.EnumerateDirectories(folder).Where(child => !GeneratedFolders.Contains(Path.GetFileName(child))).SelectMany(Walk));

    private static string FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Factory.sln"))) return folder;
        }
        throw new DirectoryNotFoundException($"No folder above '{AppContext.BaseDirectory}' holds Factory.sln: the architecture tests read the source tree they were built in.");
    }
}
