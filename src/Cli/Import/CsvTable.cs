using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Factory.Cli.Import;

/// <summary>A row of a CSV file.</summary>
/// <param name="Line">Line it begins on, from 1.</param>
/// <param name="Fields">Its fields, as many as the header has.</param>
internal sealed record CsvRow(int Line, string[] Fields);

/// <summary>A CSV file with a header, separated by commas, semicolons or tabs.</summary>
internal sealed class CsvTable
{
    // Some millions of rows; the table is held in memory.
    private const long BytesLimit = 256L << 20;
    private static readonly string[] Separators = [",", ";", "\t"];

    private CsvTable(string file, string[] header, List<CsvRow> rows) => (File, Header, Rows) = (file, header, rows);

    /// <summary>Name of the file, for messages.</summary>
    public string File { get; }

    /// <summary>The columns' names.</summary>
    public IReadOnlyList<string> Header { get; }

    /// <summary>The rows below the header.</summary>
    public IReadOnlyList<CsvRow> Rows { get; }

    /// <summary>Reads a file whole.</summary>
    /// <exception cref="CliException">It is too large to hold, or a row is malformed; the message names its line.</exception>
    public static CsvTable Read(string path)
    {
        RefuseLarge(path);
        using StreamReader reader = new(path);
        int line = 1;
        using CsvParser parser = new(reader, Configuration(path, () => line));
        if (!parser.Read()) throw new CliException($"{path} is empty; its first line must name the columns.");
        string[] header = parser.Record!;
        List<CsvRow> rows = [];
        for (line = parser.RawRow + 1; parser.Read(); line = parser.RawRow + 1)
        {
            string[] fields = parser.Record!;
            if (fields.Length != header.Length) throw new CliException($"{path}, line {line}: {fields.Length} fields, but the header has {header.Length}; quote fields that hold a separator.");
            rows.Add(new(line, fields));
        }
        return new(Path.GetFileName(path), header, rows);
    }

    /// <summary>Reads only the header; empty when the file has none.</summary>
    /// <exception cref="CliException">It is too large to hold.</exception>
    public static IReadOnlyList<string> ReadHeader(string path)
    {
        RefuseLarge(path);
        using StreamReader reader = new(path);
        using CsvParser parser = new(reader, Configuration(path, () => 1));
        return parser.Read() ? parser.Record! : [];
    }

    /// <summary>Index of a column, ignoring case, or -1.</summary>
    public int IndexOf(string column) => IndexOf(Header, column);

    /// <summary>Index of a column in a header, ignoring case, or -1.</summary>
    public static int IndexOf(IReadOnlyList<string> header, string column)
    {
        for (int index = 0; index < header.Count; index++)
        {
            if (string.Equals(header[index], column, StringComparison.OrdinalIgnoreCase)) return index;
        }
        return -1;
    }

    private static void RefuseLarge(string path)
    {
        long bytes = new FileInfo(path).Length;
        if (bytes > BytesLimit) throw new CliException($"{path} is larger than {BytesLimit >> 20} MiB ({bytes:N0} bytes); split it, and import the parts as versions of their own.");
    }

    private static CsvConfiguration Configuration(string path, Func<int> line) => new(CultureInfo.InvariantCulture)
    {
        Delimiter = Separator(path),
        TrimOptions = TrimOptions.Trim,
        BadDataFound = _ => throw new CliException($"{path}, line {line()}: a quote stands where none may, or is never closed; put the whole field in quotes and double those within."),
    };

    private static string Separator(string path)
    {
        string header = System.IO.File.ReadLines(path).FirstOrDefault() ?? "";
        return Separators.MaxBy(separator => header.Split(separator).Length)!;
    }
}
