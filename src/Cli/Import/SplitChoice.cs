using Factory.Contracts;

namespace Factory.Cli.Import;

/// <summary>What the split of a collection is made by, and the split itself.</summary>
internal static class SplitChoice
{
    /// <summary>Settles the basis from what is known of the images.</summary>
    /// <exception cref="CliException">What was asked for cannot be had, or would put one subject or eye on two sides.</exception>
    public static string BasisOf(IReadOnlyList<SourceImage> images, SplitOptions options)
    {
        if (options.Validation is < 0 or >= 1 || options.Test is < 0 or >= 1 || options.Validation + options.Test >= 1)
        {
            throw new CliException($"--validation and --test are shares from 0 and less than 1 together, not {options.Validation} and {options.Test}.");
        }
        bool subjects = images.Any(image => image.Subject is not null), eyes = images.Any(image => image.Eye is not null), given = images.Any(image => image.Split is not null);
        string widest = subjects ? SplitBases.Subject : eyes ? SplitBases.Eye : SplitBases.Image;
        return options.Basis switch
        {
            null => given ? SplitBases.Given : widest,
            SplitBases.Given => given ? SplitBases.Given : throw new CliException("--split given: the layout gives no split; leave the option out."),
            SplitBases.Subject => subjects ? widest : throw new CliException($"--split subject: no subject is known; use --split {widest}, or name the column with --subject-column."),
            SplitBases.Eye or SplitBases.Image when options.Basis != widest =>
                throw new CliException($"--split {options.Basis}: {(subjects || eyes ? $"one {widest} could stand on two sides" : "no eye is known")}; use --split {widest}."),
            SplitBases.Eye or SplitBases.Image => widest,
            string other => throw new CliException($"there is no split by '{other}'; there are: given, subject, eye, image."),
        };
    }

    /// <summary>The side of each kept image.</summary>
    /// <exception cref="CliException">The given split puts one subject, eye or picture on two sides.</exception>
    public static Split[] Assign(string basis, IReadOnlyList<LabeledImage> all, IReadOnlyList<LabeledImage> kept, SplitOptions options)
    {
        if (basis != SplitBases.Given) return new LeakFreeSplit(options).Assign(all, kept);
        if (LeakOf(all) is { } leak) throw new CliException(leak);
        return [.. kept.Select(image => image.Source.Split!.Value)];
    }

    private static string? LeakOf(IReadOnlyList<LabeledImage> images)
    {
        Dictionary<string, LabeledImage> seen = new(StringComparer.Ordinal);
        foreach (LabeledImage image in images)
        {
            foreach (string identity in image.Identities())
            {
                if (seen.TryAdd(identity, image) || seen[identity].Source.Split == image.Source.Split) continue;
                SourceImage first = seen[identity].Source, second = image.Source;
                string kind = identity.Split(':')[0], what = kind is "source" or "pixels" ? "one picture" : "one " + kind;
                return $"the given split leaks: {what} stands on two sides, {first.Path} ({first.Split}) and {second.Path} ({second.Split}). Correct it, or split anew with --split subject, eye or image.";
            }
        }
        return null;
    }
}
