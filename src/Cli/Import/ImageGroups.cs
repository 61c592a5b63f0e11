namespace Factory.Cli.Import;

/// <summary>Images that share a subject, an eye, a picture or a link, directly or through others: never to be split.</summary>
internal static class ImageGroups
{
    /// <summary>The group of each image, numbered from 0 in order of first appearance.</summary>
    public static int[] Of(IReadOnlyList<IReadOnlyList<string>> identities)
    {
        int[] parents = [.. Enumerable.Range(0, identities.Count)];
        Dictionary<string, int> first = new(StringComparer.Ordinal);
        for (int image = 0; image < identities.Count; image++)
        {
            foreach (string identity in identities[image])
            {
                if (!first.TryAdd(identity, image)) parents[Root(parents, image)] = Root(parents, first[identity]);
            }
        }
        Dictionary<int, int> numbers = [];
        int[] groups = new int[identities.Count];
        for (int image = 0; image < groups.Length; image++)
        {
            int root = Root(parents, image);
            if (!numbers.TryGetValue(root, out groups[image])) numbers[root] = groups[image] = numbers.Count;
        }
        return groups;
    }

    private static int Root(int[] parents, int image)
    {
        while (parents[image] != image) image = parents[image] = parents[parents[image]];
        return image;
    }
}
