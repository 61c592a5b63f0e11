using System.Text;
using Factory.Contracts;

namespace Factory.Faults;

/// <summary>The worker as another build: its files, but for the text that says which build it is.</summary>
internal static class OtherBuild
{
    private const string Program = "Factory.GpuWorker", Contracts = "Factory.Contracts.dll";
    private const int Large = 1 << 20;

    /// <summary>What it says it is: as long as this build's text, and different in the last letter.</summary>
    public static string Name { get; } = FactoryBuild.Current[..^1] + (FactoryBuild.Current[^1] == '1' ? '2' : '1');

    /// <summary>Makes it in an empty folder.</summary>
    /// <returns>The program.</returns>
    public static string Make(string folder)
    {
        string origin = Service.FolderOf(Program);
        foreach (string file in Directory.EnumerateFiles(origin, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(origin, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            // A program looks for its parts where it truly is; what is large, and not a program, may be elsewhere.
            if (new FileInfo(file).Length > Large) File.CreateSymbolicLink(copy, file);
            else File.Copy(file, copy);
        }
        byte[] assembly = File.ReadAllBytes(Path.Combine(folder, Contracts)), mine = Encoding.UTF8.GetBytes(FactoryBuild.Current), other = Encoding.UTF8.GetBytes(Name);
        int found = 0;
        for (int at = assembly.AsSpan().IndexOf(mine); at >= 0; at = assembly.AsSpan().IndexOf(mine), found++) other.CopyTo(assembly, at);
        found.ShouldBeGreaterThan(0);
        File.WriteAllBytes(Path.Combine(folder, Contracts), assembly);
        return Path.Combine(folder, Program);
    }
}
