using Factory.Contracts;
using Factory.Contracts.Api;

namespace Factory.Cli.Import;

/// <summary>What an import did.</summary>
/// <param name="Version">What was registered.</param>
/// <param name="Registered">The target's answer.</param>
/// <param name="Notes">What the user ought to know.</param>
/// <param name="Decoded">Files decoded, rather than found prepared.</param>
internal sealed record ImportOutcome(NewCollectionVersion Version, CollectionRegistered Registered, IReadOnlyList<string> Notes, int Decoded);

/// <summary>Imports one folder: lists, labels, prepares, weeds out duplicates, splits, registers. Nothing is registered unless all of it succeeds.</summary>
internal sealed class CollectionImport(IImportTarget target, ImportOptions options)
{
    private readonly List<string> _notes = [];
    private RefusedFiles _refused = new();

    /// <summary>Files refused so far, sorted by path; filled even when the import fails.</summary>
    public IReadOnlyList<RefusedFile> Refused => _refused.Sorted();

    /// <summary>Runs the import.</summary>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Stops it; what was uploaded is not done again by the next import.</param>
    /// <exception cref="CliException">Something about the folder or the options is wrong; nothing was registered.</exception>
    public async Task<ImportOutcome> RunAsync(ImportProgress progress, CancellationToken cancellationToken)
    {
        SourceListing listing = LayoutReader.Read(options);
        _refused = listing.Refused;
        _notes.AddRange(listing.Notes);
        LabelMap labels = LabelMap.For(listing.Images.Select(image => image.Label), listing.Categories, options);
        _notes.AddRange(labels.Notes);
        string basis = SplitChoice.BasisOf(listing.Images, options.Split);
        List<LabeledImage> labeled = Label(listing.Images, labels, basis);
        RequireTwoCategories(labeled, labels.Categories);
        Preparing preparing = new(target, options, _refused);
        List<LabeledImage> all = await preparing.RunAsync(labeled, progress, cancellationToken);
        List<LabeledImage> kept = DuplicateCheck.Run(all, labels.Categories, options.KeepFirstOfConflict, _refused);
        if (options.Lesions) kept = await new LesionMasks(target, options, labels.Categories, _refused).RunAsync(kept, cancellationToken);
        RequireTwoCategories(kept, labels.Categories);
        Split[] sides = SplitChoice.Assign(basis, all, kept, options.Split);
        NoteGaps(kept, sides, labels.Categories, basis);
        NewCollectionVersion version = new()
        {
            Categories = labels.Categories,
            Images = [.. kept.Zip(sides, Entry)],
            Refused = Refused,
            Preprocessing = options.Preprocessing,
            SplitBasis = basis,
            Layout = listing.Layout,
            License = options.License,
            Terms = options.Terms,
        };
        return new(version, await target.RegisterAsync(options.Name, version, cancellationToken), _notes, preparing.Decoded);
    }

    private List<LabeledImage> Label(IEnumerable<SourceImage> images, LabelMap labels, string basis)
    {
        List<LabeledImage> labeled = [];
        foreach (SourceImage image in images)
        {
            int label = labels.IndexOf(image.Label);
            if (image.Label.Length == 0) _refused.Add(image.Path, "no label", "its label is empty");
            else if (label < 0) _refused.Add(image.Path, "label outside the list", $"'{image.Label}' is none of {string.Join(", ", labels.Categories.Names)}");
            else if (basis == SplitBases.Given && image.Split is null) _refused.Add(image.Path, "no split", "other images have one, this one does not");
            else labeled.Add(new() { Source = image, Label = label });
        }
        return labeled;
    }

    private void RequireTwoCategories(List<LabeledImage> images, CategoryList categories)
    {
        List<int> found = [.. images.Select(image => image.Label).Distinct()];
        if (found.Count >= 2) return;
        string reasons = string.Join(", ", RefusedFiles.CountByKind(Refused).Select(count => $"{count.Count} {count.Kind}"));
        string refused = reasons.Length > 0 ? $" Refused: {reasons}." : "";
        throw new CliException(found.Count == 0
            ? $"no usable image is left in {options.Path}.{refused}"
            : $"all usable images in {options.Path} are of one category, {categories.Names[found[0]]}; at least two are needed.{refused}");
    }

    private void NoteGaps(List<LabeledImage> kept, Split[] sides, CategoryList categories, string basis)
    {
        int withoutSubject = kept.Count(image => image.Source.Subject is null);
        if (basis == SplitBases.Subject && withoutSubject > 0) _notes.Add($"{withoutSubject} images have no subject; they are split by eye, or else by image");
        var present = kept.Zip(sides, (image, side) => (image.Label, Side: side)).ToHashSet();
        foreach (Split side in Enum.GetValues<Split>())
        {
            string[] absent = [.. categories.Names.Where((_, label) => !present.Contains((label, side)))];
            if (absent.Length > 0) _notes.Add($"no {side} image of {string.Join(", ", absent)}");
        }
    }

    private static CollectionImageEntry Entry(LabeledImage image, Split side) => new()
    {
        Path = image.Source.Path,
        Source = image.Prepared!.Source,
        Image = image.Prepared.Image,
        Width = image.Prepared.Width,
        Height = image.Prepared.Height,
        Label = image.Label,
        Modality = image.Modality,
        Split = side,
        Subject = image.Source.Subject,
        Eye = image.Source.Eye,
        Lesions = image.Lesions,
    };
}
