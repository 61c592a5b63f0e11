using System.Numerics;
using System.Text;
using Factory.Contracts;

namespace Factory.Cli.Import;

/// <summary>
/// Splits a collection group by group, each category and modality by itself. Groups stand in an order drawn from seed and identity, not from the
/// collection's size, so that a collection that grows keeps most of its images on their sides.
/// </summary>
internal sealed class LeakFreeSplit(SplitOptions options)
{
    /// <summary>The side of each kept image.</summary>
    /// <param name="all">All pictures read, the refused duplicates too: they tie subjects together.</param>
    /// <param name="kept">The images to place.</param>
    /// <returns>One side for each kept image, in their order.</returns>
    public Split[] Assign(IReadOnlyList<LabeledImage> all, IReadOnlyList<LabeledImage> kept)
    {
        List<IReadOnlyList<string>> identities = [.. all.Concat(kept).Select(image => (IReadOnlyList<string>)[.. image.Identities()])];
        int[] groups = ImageGroups.Of(identities)[all.Count..];
        Dictionary<int, int> perLabel = kept.CountBy(image => image.Label).ToDictionary();
        List<Group> found = [.. Enumerable.Range(0, kept.Count).GroupBy(index => groups[index]).Select(members => MakeGroup(members, kept, perLabel))];
        Split[] sides = new Split[kept.Count];
        found = [.. found.OrderBy(group => group.Order, StringComparer.Ordinal)];
        foreach (var stratum in found.GroupBy(group => group.Stratum).OrderBy(stratum => stratum.Key)) Deal([.. stratum]);
        if (options.Test > 0) Complete(found, Split.Test);
        if (options.Validation > 0) Complete(found, Split.Validation);
        foreach (Group group in found)
        {
            foreach (int index in group.Images) sides[index] = group.Side;
        }
        return sides;
    }

    /// <summary>Deals one stratum's groups: test and validation get their share of images, and, where there are groups enough, one group at least; training gets the rest.</summary>
    private void Deal(List<Group> groups)
    {
        int images = groups.Sum(group => group.Images.Count), sides = 1 + (options.Test > 0 ? 1 : 0) + (options.Validation > 0 ? 1 : 0);
        List<Group> open = groups;
        foreach ((Split side, double share) in new[] { (Split.Test, options.Test), (Split.Validation, options.Validation) })
        {
            if (share <= 0) continue;
            sides--;
            open = Fill(open, side, share * images, Math.Max(sides, 1));
        }
        foreach (Group group in open) group.Side = Split.Train;
    }

    /// <summary>Brings categories that a side lacks over from training, where training keeps some of each: few subjects with an eye of each kind leave such gaps.</summary>
    private static void Complete(List<Group> groups, Split side)
    {
        Dictionary<int, int> training = groups.Where(group => group.Side == Split.Train).SelectMany(group => group.Labels).CountBy(label => label).ToDictionary();
        HashSet<int> lacking = [.. groups.SelectMany(group => group.Labels).Except(groups.Where(group => group.Side == side).SelectMany(group => group.Labels))];
        while (lacking.Count > 0)
        {
            Group? best = groups.Where(group => group.Side == Split.Train && group.Labels.Overlaps(lacking) && group.Labels.All(label => training[label] > 1))
                .OrderByDescending(group => group.Labels.Count(lacking.Contains)).ThenBy(group => group.Images.Count).FirstOrDefault();
            if (best is null) return;
            best.Side = side;
            lacking.ExceptWith(best.Labels);
            foreach (int label in best.Labels) training[label]--;
        }
    }

    private static List<Group> Fill(List<Group> groups, Split side, double quota, int reserve)
    {
        List<Group> left = [];
        double taken = 0;
        int open = groups.Count;
        foreach (Group group in groups)
        {
            if (open > reserve && taken + (group.Images.Count / 2.0) <= quota)
            {
                (group.Side, taken) = (side, taken + group.Images.Count);
                open--;
            }
            else
            {
                left.Add(group);
            }
        }
        if (taken == 0 && left.Count > reserve)
        {
            Group smallest = left.MinBy(group => group.Images.Count)!;
            smallest.Side = side;
            left.Remove(smallest);
        }
        return left;
    }

    private Group MakeGroup(IEnumerable<int> members, IReadOnlyList<LabeledImage> kept, Dictionary<int, int> perLabel)
    {
        List<int> images = [.. members];
        HashSet<int> labels = [.. images.Select(index => kept[index].Label)];
        // The rarest category of a group is the one whose spread matters most. Rarity counts in powers of two, or one image more would turn near ties around.
        int label = labels.OrderBy(value => BitOperations.Log2((uint)perLabel[value])).ThenByDescending(value => value).First();
        int modalities = images.Select(index => 1 << (int)kept[index].Modality).Aggregate((left, right) => left | right);
        string identity = images.Select(index => kept[index].Source).Select(source => source.Subject is { } subject ? "0" + subject : source.Eye is { } eye ? "1" + eye : null).Min(StringComparer.Ordinal)
            ?? images.Select(index => kept[index].Prepared!.Source.Hex).Min(StringComparer.Ordinal)!;
        return new() { Images = images, Labels = labels, Stratum = (label, modalities), Order = Sha256Digest.Of(Encoding.UTF8.GetBytes($"{options.Seed}/{identity}")).Hex };
    }

    private sealed class Group
    {
        public required List<int> Images { get; init; }

        public required HashSet<int> Labels { get; init; }

        public required (int Label, int Modalities) Stratum { get; init; }

        public required string Order { get; init; }

        public Split Side { get; set; }
    }
}
