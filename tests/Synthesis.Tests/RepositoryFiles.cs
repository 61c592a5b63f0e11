namespace Factory.Synthesis.Tests;

/// <summary>The repository the tests were built in.</summary>
internal static class RepositoryFiles
{
    internal static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Factory.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("Factory.sln is in no folder above the tests.");
    }
}
