using System.Text.RegularExpressions;

namespace Factory.Cli.Import;

/// <summary>Reads a folder in the layout asked for, or in the one it turns out to have.</summary>
internal static partial class LayoutReader
{
    /// <summary>Lists the images of a folder.</summary>
    /// <exception cref="CliException">The folder is missing, empty, or not in the layout.</exception>
    public static SourceListing Read(ImportOptions options)
    {
        bool isFile = File.Exists(options.Path);
        if (isFile && !options.Path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)) throw new CliException($"{options.Path} is a file; give the folder that holds the images, or a .csv file that lists them.");
        if (!isFile && !Directory.Exists(options.Path)) throw new CliException($"there is no folder {options.Path}.");
        SourceFolder folder = new(isFile ? Path.GetDirectoryName(Path.GetFullPath(options.Path))! : options.Path);
        SourceListing listing = (options.Layout ?? (isFile ? Layouts.Csv : Detect(folder, options.Columns))) switch
        {
            Layouts.Csv => CsvLayout.Read(folder, isFile ? options.Path : OnlyTable(folder, options.Columns), options.Columns, options.Lesions),
            Layouts.MmcAmd => MmcAmdLayout.Read(folder),
            Layouts.Folders when !isFile => FolderLayout.Read(folder),
            Layouts.Folders => throw new CliException($"{options.Path} is a file, and the layout folders needs a folder."),
            string other => throw new CliException($"there is no layout '{other}'; there are: {Layouts.Folders}, {Layouts.Csv}, {Layouts.MmcAmd}."),
        };
        if (options.Lesions && listing.Layout != Layouts.Csv) throw new CliException($"--lesions needs a table that names the masks, and {options.Path} is in the layout {listing.Layout}; give a .csv file with columns mask_KIND.");
        if (listing.Images.Count == 0 && listing.Refused.Count == 0) throw new CliException($"{options.Path} holds no images ({listing.Layout} layout).");
        ReadEyePacsNames(listing);
        listing.Images = listing.Images.ConvertAll(image => image with
        {
            Modality = options.Modality ?? image.Modality ?? Words.ModalityOfPath(image.Path) ?? Contracts.Modality.Cfp,
        });
        return listing;
    }

    private static string Detect(SourceFolder folder, CsvColumns columns)
    {
        if (MmcAmdLayout.Fits(folder)) return Layouts.MmcAmd;
        List<string> tables = Tables(folder);
        if (tables.Any(table => CsvLayout.Fits(CsvTable.ReadHeader(table), columns))) return Layouts.Csv;
        // A table that lacks a column is worth an error only where there are no category folders to read instead.
        return tables.Count > 0 && !Directory.EnumerateDirectories(folder.Root).Any() ? Layouts.Csv : Layouts.Folders;
    }

    private static string OnlyTable(SourceFolder folder, CsvColumns columns)
    {
        List<string> tables = Tables(folder);
        if (tables.Count == 0) throw new CliException($"{folder.Root} holds no .csv file, as the csv layout needs.");
        if (tables.Find(table => Path.GetFileName(table) == "labels.csv") is { } labels) return labels;
        List<string> fitting = tables.FindAll(table => CsvLayout.Fits(CsvTable.ReadHeader(table), columns));
        if (fitting.Count == 1) return fitting[0];
        return tables.Count == 1
            ? tables[0]
            : throw new CliException($"{folder.Root} holds {tables.Count} .csv files ({string.Join(", ", tables.Take(5).Select(Path.GetFileName))}); give the path of the one that lists the images.");
    }

    private static List<string> Tables(SourceFolder folder) =>
        [.. Directory.EnumerateFiles(folder.Root).Where(file => file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];

    /// <summary>Names such as <c>10_left</c>, as EyePACS has them, tell subject and eye; trusted only where all files are named so and nothing else is known.</summary>
    private static void ReadEyePacsNames(SourceListing listing)
    {
        if (listing.Images.Count == 0 || listing.Images.Exists(image => image.Subject is not null || image.Eye is not null)) return;
        List<Match> names = listing.Images.ConvertAll(image => EyePacsName().Match(Path.GetFileNameWithoutExtension(image.Path)));
        if (!names.TrueForAll(name => name.Success)) return;
        listing.Images = [.. listing.Images.Zip(names, (image, name) => image with { Subject = name.Groups[1].Value, Eye = name.Value })];
        listing.Notes.Add("subjects and eyes are read from the files' names (number_left, number_right)");
    }

    [GeneratedRegex("^([0-9]+)_(left|right)$")]
    private static partial Regex EyePacsName();
}
