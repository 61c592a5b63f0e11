using System.Globalization;
using Factory.Contracts;

namespace Factory.Cli.Import;

/// <summary>
/// The layout of MMC-AMD (Wang et al., arXiv 2012.01879): images below <c>ImageData</c>, and a folder a side of the split with
/// <c>ImageSets</c>, <c>annotations</c> and <c>SubjectSets</c> text files for each modality. The eye is read from the image's id, and from <c>mm.txt</c>, which pairs images of one eye.
/// </summary>
internal sealed class MmcAmdLayout
{
    private static readonly string[] Suffixes = ["-ori", "-flr", "-trs"];
    private static readonly EnumerationOptions AtAnyDepth = new() { RecurseSubdirectories = true, MaxRecursionDepth = 3, AttributesToSkip = FileAttributes.ReparsePoint };
    private readonly SourceListing _listing = new(Layouts.MmcAmd) { Categories = CategoryList.Amd };
    private readonly SourceFolder _folder;
    private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);

    private MmcAmdLayout(SourceFolder folder) => _folder = folder;

    /// <summary>Whether a folder has this layout.</summary>
    public static bool Fits(SourceFolder folder) => SplitFolders(folder).Count > 0;

    /// <summary>Reads the images that the image sets name.</summary>
    /// <exception cref="CliException">There are no image sets.</exception>
    public static SourceListing Read(SourceFolder folder)
    {
        MmcAmdLayout layout = new(folder);
        List<string> splits = SplitFolders(folder);
        if (splits.Count == 0) throw new CliException($"{folder.Root} has no folder with ImageSets/cfp.txt or ImageSets/oct.txt, as the mmc-amd layout needs.");
        layout.IndexImages();
        HashSet<string> named = new(StringComparer.Ordinal);
        foreach (string split in splits)
        {
            foreach (Modality modality in Enum.GetValues<Modality>()) layout.ReadSet(split, modality, named);
        }
        foreach ((string id, string path) in layout._files.Where(file => !named.Contains(file.Key))) layout._listing.Refused.Add(path, "not listed", $"no image set names {id}");
        return layout._listing;
    }

    /// <summary>The eye that an image's id names: from its third character to the first underscore, without a manipulation's suffix.</summary>
    internal static string EyeOf(string id)
    {
        string eye = id[Math.Min(2, id.Length)..].Split('_')[0];
        string? suffix = Suffixes.FirstOrDefault(ending => eye.EndsWith(ending, StringComparison.Ordinal));
        return suffix is null ? eye : eye[..^suffix.Length];
    }

    private static List<string> SplitFolders(SourceFolder folder) => [.. Directory.EnumerateDirectories(folder.Root, "ImageSets", AtAnyDepth)
        .Where(sets => File.Exists(Path.Combine(sets, "cfp.txt")) || File.Exists(Path.Combine(sets, "oct.txt")))
        .Select(sets => Path.GetDirectoryName(sets)!).Order(StringComparer.Ordinal)];

    private void IndexImages()
    {
        // A prepared variant comes before others of the same id: it is what the published models saw.
        IEnumerable<string> paths = Directory.EnumerateDirectories(_folder.Root, "ImageData", AtAnyDepth)
            .SelectMany(data => _folder.Images(_listing.Refused, _folder.Relative(data)))
            .OrderBy(path => !path.Contains("-clahe", StringComparison.Ordinal) && !path.Contains("-median", StringComparison.Ordinal)).ThenBy(path => path, StringComparer.Ordinal);
        foreach (string path in paths)
        {
            if (!_files.TryAdd(Path.GetFileNameWithoutExtension(path), path)) _listing.Refused.Add(path, "second file of an id", $"{_files[Path.GetFileNameWithoutExtension(path)]} is taken");
        }
    }

    private void ReadSet(string split, Modality modality, HashSet<string> named)
    {
        string file = modality == Modality.Cfp ? "cfp.txt" : "oct.txt";
        string[] ids = Lines(split, "ImageSets", file);
        Dictionary<string, string> labels = Lines(split, "annotations", file).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .GroupBy(tokens => Path.GetFileNameWithoutExtension(tokens[0])).ToDictionary(group => group.Key, group => group.Last()[^1], StringComparer.Ordinal);
        MmcAmdSubjects subjects = new(Lines(split, "SubjectSets", file), ids);
        Dictionary<string, string> pairs = Lines(split, "ImageSets", "mm.txt").SelectMany(Pair).DistinctBy(pair => pair.Key).ToDictionary(StringComparer.Ordinal);
        // The two of a pair show one eye, whatever their ids call it; with them go all images of the eye that either names.
        Dictionary<string, string> eyes = pairs.Select(pair => KeyValuePair.Create(EyeOf(pair.Key), EyeOf(pair.Value))).DistinctBy(pair => pair.Key).ToDictionary(StringComparer.Ordinal);
        Split? side = Path.GetFileName(split).Split('-', '_').Select(Words.Split).LastOrDefault(word => word is not null);
        for (int index = 0; index < ids.Length; index++)
        {
            string id = Path.GetFileNameWithoutExtension(ids[index]);
            named.Add(id);
            if (!_files.TryGetValue(id, out string? path))
            {
                _listing.Refused.Add(id, "missing file", $"{_folder.Relative(split)}/ImageSets/{file} lists it, ImageData has no such image");
                continue;
            }
            if (LabelOf(id, labels.GetValueOrDefault(id), path) is not { } label) continue;
            string eye = EyeOf(id);
            IReadOnlyList<string> links = pairs.TryGetValue(id, out string? pair) ? ["pair:" + pair] : [];
            _listing.Images.Add(new() { Path = path, FullPath = _folder.Inside(path)!, Label = label, Modality = modality, Split = side, Eye = eyes.GetValueOrDefault(eye, eye), Subject = subjects.Of(index, eye), Links = links });
        }
    }

    private string? LabelOf(string id, string? annotated, string path)
    {
        string letter = id.Length > 2 ? id[2..3] : "";
        if (annotated is null) return letter;
        int named = LabelMap.AmdIndex(letter);
        bool isNumber = int.TryParse(annotated, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        if (named < 0 || (isNumber && number == named)) return annotated;
        _listing.Refused.Add(path, "contradicting labels", $"its id says {CategoryList.Amd.Names[named]}, its annotation {annotated}");
        return null;
    }

    private static IEnumerable<KeyValuePair<string, string>> Pair(string line)
    {
        string[] ids = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return ids.Select(id => KeyValuePair.Create(id, ids[0]));
    }

    private static string[] Lines(string split, string folder, string file)
    {
        string path = Path.Combine(split, folder, file);
        return File.Exists(path) ? [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)] : [];
    }
}

/// <summary>The subjects of one MMC-AMD set: an eye's id begins with its subject's; where it does not, equally long lists correspond line by line.</summary>
internal sealed class MmcAmdSubjects(string[] subjects, string[] ids)
{
    private readonly HashSet<string> _known = new(subjects, StringComparer.Ordinal);

    /// <summary>The subject of the image on a line of the image set; nothing when it is unknown.</summary>
    public string? Of(int line, string eye)
    {
        for (int end = eye.Length; end > 0; end = eye.LastIndexOf('-', end - 1))
        {
            if (_known.Contains(eye[..end])) return eye[..end];
            if (end > 2 && eye[1] == '-' && _known.Contains(eye[2..end])) return eye[2..end];
        }
        return subjects.Length == ids.Length ? subjects[line] : null;
    }
}
