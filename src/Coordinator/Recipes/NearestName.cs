namespace Factory.Coordinator.Recipes;

/// <summary>Finds the known name that a mistyped one was probably meant to be.</summary>
internal static class NearestName
{
    /// <summary><c>; did you mean 'x'?</c> where a known name is near, else the list of known names.</summary>
    public static string Hint(string given, IEnumerable<string> known, string plural)
    {
        List<string> names = [.. known];
        return Of(given, names) is { } near ? $"; did you mean '{near}'?"
            : names.Count == 0 ? $"; there are no {plural}."
            : $"; {plural} are {string.Join(", ", names.Take(30))}.";
    }

    /// <summary>The nearest name within a third of its length in edits, or one that begins alike; null where none is near.</summary>
    public static string? Of(string given, IReadOnlyList<string> known)
    {
        if (given.Length is 0 or > 100) return null;
        string lower = given.ToLowerInvariant();
        (string Name, int Edits)? best = known.Select(name => (Name: name, Edits: Distance(lower, name.ToLowerInvariant())))
            .OrderBy(pair => pair.Edits).Cast<(string, int)?>().FirstOrDefault();
        if (best is { } near && near.Edits <= Math.Max(1, Math.Max(near.Name.Length, given.Length) / 3)) return near.Name;
        return given.Length < 3 ? null : known.FirstOrDefault(name => name.StartsWith(lower, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbors that turn one text into the other (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) cost[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) cost[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replace = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replace, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[a.Length, b.Length];
    }
}
