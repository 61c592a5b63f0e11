using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace Factory.Architecture.Tests.Packages;

/// <summary>The packages of the shipped projects, as the restore for this build resolved them.</summary>
internal static class RestoredPackages
{
    // What is started; the others are parts of these.
    private static readonly string[] Programs = ["Cli", "Coordinator", "GpuWorker"];

    /// <summary>Every package, direct or not, by name.</summary>
    public static IReadOnlyList<RestoredPackage> All { get; } =
    [
        .. Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src")).SelectMany(InProject)
            .GroupBy(package => (package.Name, package.Version))
            .Select(same => same.First() with { IsCarried = same.Any(package => package.IsCarried), IsDirect = same.Any(package => package.IsDirect) })
            .OrderBy(package => package.Name, StringComparer.OrdinalIgnoreCase).ThenBy(package => package.Version, StringComparer.Ordinal),
    ];

    /// <summary>The lists as tables.</summary>
    public static string Tables()
    {
        StringBuilder text = new("\n\n");
        Write("## Carried by the services and the command", carried: true);
        Write("## Only to build them", carried: false);
        return text.ToString();

        void Write(string title, bool carried)
        {
            text.Append(title).Append("\n\n| Package | Version | License | Asked for by |\n|---|---|---|---|\n");
            foreach (RestoredPackage package in All.Where(package => package.IsCarried == carried))
            {
                text.Append("| ").Append(package.Name).Append(" | ").Append(package.Version).Append(" | ").Append(package.Expression).Append(" | ").Append(package.IsDirect ? "us" : "another").Append(" |\n");
            }
            text.Append('\n');
        }
    }

    private static IEnumerable<RestoredPackage> InProject(string folder)
    {
        string file = Path.Combine(folder, "obj", "project.assets.json");
        if (!File.Exists(file)) throw new FileNotFoundException($"{file} is not there: dotnet restore first.");
        using JsonDocument assets = JsonDocument.Parse(File.ReadAllText(file));
        JsonElement root = assets.RootElement;
        string[] caches = [.. root.GetProperty("packageFolders").EnumerateObject().Select(cache => cache.Name)];
        JsonElement asked = root.GetProperty("project").GetProperty("frameworks").EnumerateObject().Single().Value.GetProperty("dependencies");
        foreach (JsonProperty library in root.GetProperty("libraries").EnumerateObject().Where(library => library.Value.GetProperty("type").GetString() == "package"))
        {
            string[] name = library.Name.Split('/');
            string place = library.Value.GetProperty("path").GetString()!;
            bool isDirect = asked.TryGetProperty(name[0], out JsonElement dependency);
            bool isPrivate = isDirect && dependency.TryGetProperty("suppressParent", out _);
            string description = caches.Select(cache => Path.Combine(cache, place, name[0].ToLowerInvariant() + ".nuspec")).First(File.Exists);
            yield return new(name[0], name[1], RestoredPackage.LicenseIn(XDocument.Load(description)), Programs.Contains(Path.GetFileName(folder)) && !isPrivate, isDirect);
        }
    }
}
