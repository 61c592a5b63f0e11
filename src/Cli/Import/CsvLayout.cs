using Factory.Contracts;

namespace Factory.Cli.Import;

/// <summary>A CSV file that lists the images; only what it lists counts.</summary>
internal sealed class CsvLayout
{
    private static readonly string[]
        PathNames = ["path", "image", "id_code", "file", "filename", "file_name", "image_path", "image_id", "image_name", "image name"],
        LabelNames = ["label", "level", "diagnosis", "category", "class", "grade", "dr_grade", "retinopathy grade"],
        SubjectNames = ["subject", "subject_id", "patient", "patient_id", "patientid"],
        EyeNames = ["eye", "eye_id", "eye_id_or_patient_id_if_known"],
        GroupNames = ["dup_group", "group"];

    private const string MaskColumn = "mask";

    private readonly SourceListing _listing = new(Layouts.Csv);
    private readonly CsvFiles _files;
    private readonly CsvTable _table;
    private readonly int _path, _label, _subject, _eye, _modality, _split, _group;
    private readonly List<(int Column, string? Kind)> _masks = [];

    private CsvLayout(SourceFolder folder, CsvTable table, CsvColumns columns, bool lesions)
    {
        (_files, _table) = (new(folder), table);
        _path = Find(columns.Path, PathNames);
        _label = Find(columns.Label, LabelNames);
        _subject = Find(columns.Subject, SubjectNames);
        _eye = Find(columns.Eye, EyeNames);
        _modality = Find(columns.Modality, ["modality"]);
        _split = Find(columns.Split, ["split"]);
        _group = Find(columns.Group, GroupNames);
        if (lesions) ReadMaskColumns();
    }

    /// <summary>Whether a header has the columns without which nothing can be imported.</summary>
    public static bool Fits(IReadOnlyList<string> header, CsvColumns columns) =>
        (columns.Path is { } path ? [path] : PathNames).Any(name => CsvTable.IndexOf(header, name) >= 0)
        && (columns.Label is { } label ? [label] : LabelNames).Any(name => CsvTable.IndexOf(header, name) >= 0);

    /// <summary>Reads the images that a CSV file lists.</summary>
    /// <exception cref="CliException">A column is missing or a row malformed.</exception>
    public static SourceListing Read(SourceFolder folder, string csv, CsvColumns columns, bool lesions)
    {
        CsvLayout layout = new(folder, CsvTable.Read(csv), columns, lesions);
        layout.RequireColumns();
        foreach (CsvRow row in layout._table.Rows) layout.ReadRow(row);
        layout.MakeEyesUnique();
        return layout._listing;
    }

    private void ReadRow(CsvRow row)
    {
        string written = row.Fields[_path];
        if (written.Length == 0)
        {
            _listing.Refused.Add($"{_table.File}, line {row.Line}", "no path", "the row names no image");
            return;
        }
        (string path, string? full, string? refusal) = _files.Find(written);
        string? modality = Value(row, _modality), split = Value(row, _split);
        Split? side = split is null ? null : Words.Split(split);
        Modality? kind = modality is null ? null : Words.Modality(modality);
        if (full is null) _listing.Refused.Add(path, refusal!, $"{_table.File}, line {row.Line} lists {written}");
        else if (split is not null && side is null) _listing.Refused.Add(path, "unknown split", $"'{split}' is none of train, validation, test");
        else if (modality is not null && kind is null) _listing.Refused.Add(path, "unknown modality", $"'{modality}' is neither cfp nor oct");
        else if (Masks(row, path) is { } masks)
        {
            _listing.Images.Add(new()
            {
                Path = path,
                FullPath = full,
                Label = row.Fields[_label],
                Modality = kind,
                Split = side,
                Subject = Value(row, _subject),
                Eye = Value(row, _eye),
                Links = Value(row, _group) is { } group ? ["group:" + group] : [],
                Masks = masks,
            });
        }
    }

    private void ReadMaskColumns()
    {
        for (int column = 0; column < _table.Header.Count; column++)
        {
            string name = _table.Header[column];
            if (name.Equals(MaskColumn, StringComparison.OrdinalIgnoreCase)) _masks.Add((column, null));
            else if (name.StartsWith(MaskColumn + "_", StringComparison.OrdinalIgnoreCase)) _masks.Add((column, name[(MaskColumn.Length + 1)..]));
        }
        if (_masks.Count == 0) throw new CliException($"--lesions: {_table.File} has no column mask_KIND, one for each kind of lesion, nor mask; it has: {string.Join(", ", _table.Header)}.");
    }

    /// <summary>The masks of a row; null after the image was refused for one that is not there.</summary>
    private List<SourceMask>? Masks(CsvRow row, string image)
    {
        List<SourceMask> masks = [];
        foreach ((int column, string? kind) in _masks)
        {
            if (Value(row, column) is not { } written) continue;
            (string path, string? full, string? refusal) = _files.Find(written);
            if (full is null)
            {
                _listing.Refused.Add(image, "lesion mask", $"{refusal}: {_table.File}, line {row.Line} names the mask {written}");
                return null;
            }
            masks.Add(new(kind, path, full));
        }
        return masks;
    }

    /// <summary>Left and right name an eye only together with the subject.</summary>
    private void MakeEyesUnique()
    {
        List<SourceImage> images = _listing.Images;
        if (!images.Any(image => image.Eye is not null) || !images.All(image => image.Eye is null || Words.IsLaterality(image.Eye))) return;
        _listing.Images = images.ConvertAll(image => image with { Eye = image is { Eye: { } eye, Subject: { } subject } ? $"{subject}-{eye}" : null });
        if (images.Any(image => image.Subject is null)) _listing.Notes.Add($"column '{_table.Header[_eye]}' says left or right, which names no eye where the subject is unknown; it is ignored there");
    }

    private static string? Value(CsvRow row, int column) => column >= 0 && row.Fields[column] is { Length: > 0 } value ? value : null;

    private int Find(string? chosen, string[] usual)
    {
        if (chosen is null) return usual.Select(_table.IndexOf).FirstOrDefault(index => index >= 0, -1);
        int found = _table.IndexOf(chosen);
        return found >= 0 ? found : throw new CliException($"{_table.File} has no column '{chosen}'; it has: {string.Join(", ", _table.Header)}.");
    }

    private void RequireColumns()
    {
        string found = string.Join(", ", _table.Header);
        if (_path < 0) throw new CliException($"{_table.File} has no column for the image's path ({string.Join(", ", PathNames[..5])}...); it has: {found}. Name it with --path-column.");
        if (_label < 0) throw new CliException($"{_table.File} has no column for the label ({string.Join(", ", LabelNames[..5])}...); it has: {found}. Name it with --label-column.");
    }
}
