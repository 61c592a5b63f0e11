namespace Factory.Coordinator.Recipes;

/// <summary>Finds what someone probably meant.</summary>
internal static class Spelling
{
    /// <summary>A hint naming the nearest known word, or all of them where none is near.</summary>
    public static string Hint(string word, IEnumerable<string> known)
    {
        List<string> words = [.. known];
        if (words.Count == 0) return "";
        string nearest = words.MinBy(candidate => Distance(word, candidate))!;
        return Distance(word, nearest) <= Math.Max(2, word.Length / 3) ? $"did you mean '{nearest}'?" : $"known are: {string.Join(", ", words)}.";
    }

    /// <summary>Edit distance (Levenshtein), ignoring case.</summary>
    private static int Distance(string left, string right)
    {
        int[] before = [.. Enumerable.Range(0, right.Length + 1)];
        for (int row = 1; row <= left.Length; row++)
        {
            int[] current = new int[right.Length + 1];
            current[0] = row;
            for (int column = 1; column <= right.Length; column++)
            {
                int change = char.ToLowerInvariant(left[row - 1]) == char.ToLowerInvariant(right[column - 1]) ? 0 : 1;
                current[column] = Math.Min(Math.Min(current[column - 1], before[column]) + 1, before[column - 1] + change);
            }
            before = current;
        }
        return before[right.Length];
    }
}
