using System.Globalization;

namespace Factory.Tests.Servers.Native;

/// <summary>A process and everything it started, as Linux tells it.</summary>
internal static class ProcessTree
{
    /// <summary>The process, then its descendants, parents first.</summary>
    public static List<int> Of(int root)
    {
        ILookup<int, int> children = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int id) ? id : 0)
            .Where(id => id > 0)
            .ToLookup(ParentOf);
        List<int> tree = [root];
        for (int i = 0; i < tree.Count; i++) tree.AddRange(children[tree[i]]);
        return tree;
    }

    private static int ParentOf(int id)
    {
        try
        {
            // "pid (name) state parent ...": the name may hold spaces and parentheses.
            string stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
