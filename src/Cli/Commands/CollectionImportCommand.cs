using System.CommandLine;
using Factory.Cli.Hosting;
using Factory.Cli.Import;
using Factory.Cli.Output;
using Factory.Contracts;
using Factory.Synthesis.Imaging;

namespace Factory.Cli.Commands;

/// <summary><c>factory collection import</c>.</summary>
internal static class CollectionImportCommand
{
    private static readonly Argument<string> Folder = new("PATH") { Description = "Folder of images, or a .csv file that lists images beside or below it." };
    private static readonly Option<string> Name = new("--name") { Description = "Name of the collection: lower-case letters, digits and dashes.", Required = true };
    private static readonly Option<string?> Layout = new("--layout") { Description = "folders, csv or mmc-amd. Default: detected." };
    private static readonly Option<string?> Categories = new("--categories") { Description = "Category names in index order, separated by commas. Default: from the labels." };
    private static readonly Option<string?> Background = new("--background") { Description = "The healthy category. Default: the one named like normal, none or healthy." };
    private static readonly Option<string?> ModalityOption = new("--modality") { Description = "cfp or oct, for all images. Default: by table or folder, else cfp." };
    private static readonly Option<bool> CropFov = new("--crop-fov") { Description = "Crop CFP to a square around the field of view." };
    private static readonly Option<bool> Clahe = new("--clahe") { Description = "Equalize the lightness of CFP (clip limit 3.0, grid 20x30)." };
    private static readonly Option<bool> Median = new("--median") { Description = "Filter OCT with a 3x3 median." };
    private static readonly Option<int?> Size = new("--size") { Description = "Resize to a square of this side, 64 to 4096 pixels. Default: own size." };
    private static readonly Option<string?> License = new("--license") { Description = "Licence of the images, such as CC-BY-4.0." };
    private static readonly Option<string?> Terms = new("--terms") { Description = "Terms of use, in words." };
    private static readonly Option<string?> Split = new("--split") { Description = "given, subject, eye or image. Default: the given split, else by the widest ids known." };
    private static readonly Option<double> Validation = new("--validation") { Description = "Share of validation images.", DefaultValueFactory = _ => 0.15 };
    private static readonly Option<double> Test = new("--test") { Description = "Share of test images.", DefaultValueFactory = _ => 0.15 };
    private static readonly Option<ulong> SplitSeed = new("--split-seed") { Description = "Seed of the split.", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> PathColumn = Column("path"), LabelColumn = Column("label"), SubjectColumn = Column("subject"), EyeColumn = Column("eye"),
        ModalityColumn = Column("modality"), SplitColumn = Column("split"), GroupColumn = Column("group");

    private static readonly Option<bool> Lesions = new("--lesions") { Description = "Bring in lesion masks too: files that the table names in columns mask_KIND, or mask for all lesions of the image's category." };
    private static readonly Option<int> MinSide = new("--min-side") { Description = "Fewest pixels a side may have.", DefaultValueFactory = _ => DecodeLimits.Default.MinSide };
    private static readonly Option<long> MaxPixels = new("--max-pixels") { Description = "Most pixels an image may have.", DefaultValueFactory = _ => DecodeLimits.Default.MaxPixels };
    private static readonly Option<string> OnConflict = new("--on-conflict") { Description = "refuse or keep-first: what to do with one picture under two labels.", DefaultValueFactory = _ => "refuse" };
    private static readonly Option<string?> Report = new("--report") { Description = "Write all refused files and their reasons to this CSV file." };

    public static Command Create()
    {
        Command command = new("import", "Register the images of a folder. The folder is only read.")
        {
            Folder, Name, Layout, Categories, Background, ModalityOption, CropFov, Clahe, Median, Size, License, Terms, Split, Validation, Test, SplitSeed,
            PathColumn, LabelColumn, SubjectColumn, EyeColumn, ModalityColumn, SplitColumn, GroupColumn, Lesions, MinSide, MaxPixels, OnConflict, Report,
        };
        command.Does(async (arguments, cancellationToken) =>
        {
            // Mistakes in the options are told before a factory is started for them.
            ImportOptions options = OptionsOf(arguments);
            if (arguments.GetValue(Report) is { } report && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(report)))) throw new CliException($"--report {report}: there is no such folder.");
            await using Session session = await Session.OpenAsync(Shared.PlaceOf(arguments), work: false, cancellationToken);
            return await RunAsync(new(session.ImportTarget, options), arguments.GetValue(Report), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(CollectionImport import, string? report, CancellationToken cancellationToken)
    {
        try
        {
            ImportOutcome outcome;
            using (ProgressLine hashing = new("hashing", "files", 0), preparing = new("preparing", "images", 0))
            {
                outcome = await import.RunAsync(new ImportProgress((done, _) => hashing.Report(done), (done, _) => preparing.Report(done)), cancellationToken);
            }
            foreach (string line in ImportReport.Lines(outcome)) Console.WriteLine(line);
        }
        finally
        {
            foreach (string line in ImportReport.RefusedLines(import.Refused)) Console.WriteLine(line);
            if (report is not null) ImportReport.WriteCsv(report, import.Refused);
        }
        return 0;
    }

    private static ImportOptions OptionsOf(ParseResult arguments) => new()
    {
        Path = arguments.GetValue(Folder)!,
        Name = arguments.GetValue(Name)!,
        Layout = arguments.GetValue(Layout),
        Categories = arguments.GetValue(Categories)?.Split(','),
        Background = arguments.GetValue(Background),
        Modality = ModalityOf(arguments.GetValue(ModalityOption)),
        Preprocessing = new()
        {
            CropFieldOfView = arguments.GetValue(CropFov),
            Clahe = arguments.GetValue(Clahe),
            Median = arguments.GetValue(Median),
            Size = arguments.GetValue(Size) is not { } size || size is >= 64 and <= 4096 ? arguments.GetValue(Size) : throw new CliException($"--size must be 64 to 4096, is {size}."),
        },
        Limits = DecodeLimits.Default with { MinSide = AtLeastTwo(arguments, MinSide), MaxPixels = Math.Max(arguments.GetValue(MaxPixels), 1) },
        Split = new() { Basis = arguments.GetValue(Split), Validation = arguments.GetValue(Validation), Test = arguments.GetValue(Test), Seed = arguments.GetValue(SplitSeed) },
        Columns = new()
        {
            Path = arguments.GetValue(PathColumn),
            Label = arguments.GetValue(LabelColumn),
            Subject = arguments.GetValue(SubjectColumn),
            Eye = arguments.GetValue(EyeColumn),
            Modality = arguments.GetValue(ModalityColumn),
            Split = arguments.GetValue(SplitColumn),
            Group = arguments.GetValue(GroupColumn),
        },
        KeepFirstOfConflict = arguments.GetValue(OnConflict) switch
        {
            "refuse" => false,
            "keep-first" => true,
            string other => throw new CliException($"--on-conflict is refuse or keep-first, not '{other}'."),
            null => false,
        },
        Lesions = arguments.GetValue(Lesions),
        License = arguments.GetValue(License),
        Terms = arguments.GetValue(Terms),
    };

    private static Modality? ModalityOf(string? word) => word is null ? null : Words.Modality(word) ?? throw new CliException($"--modality is cfp or oct, not '{word}'.");

    private static int AtLeastTwo(ParseResult arguments, Option<int> option)
    {
        int value = arguments.GetValue(option);
        return value >= 2 ? value : throw new CliException($"{option.Name} must be at least 2, is {value}.");
    }

    private static Option<string?> Column(string what) => new($"--{what}-column") { Description = $"Name of the CSV column of the {what}. Default: by its usual names." };
}
