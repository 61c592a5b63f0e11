using Factory.Contracts;
using Factory.Contracts.Api;

namespace Factory.Coordinator.Collections;

/// <summary>Finds subjects, eyes and pictures that stand on two sides of a split.</summary>
internal static class SplitLeak
{
    /// <summary>The first leak in words; nothing when there is none.</summary>
    public static string? Find(IEnumerable<CollectionImageEntry> images)
    {
        Dictionary<string, CollectionImageEntry> seen = new(StringComparer.Ordinal);
        foreach (CollectionImageEntry image in images)
        {
            foreach ((string identity, string what) in Identities(image))
            {
                if (!seen.TryAdd(identity, image) && seen[identity].Split != image.Split)
                {
                    return $"{what} stands on two sides of the split: {seen[identity].Path} is {seen[identity].Split}, {image.Path} is {image.Split}.";
                }
            }
        }
        return null;
    }

    private static IEnumerable<(string Identity, string What)> Identities(CollectionImageEntry image)
    {
        yield return ("i:" + image.Image.Digest.Hex, "one picture");
        if (image.Subject is not null) yield return ("s:" + image.Subject, "a subject");
        if (image.Eye is not null) yield return ("e:" + image.Eye, "an eye");
    }
}
