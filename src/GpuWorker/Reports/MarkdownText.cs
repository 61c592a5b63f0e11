using System.Buffers;
using System.Text;

namespace Factory.GpuWorker.Reports;

/// <summary>Markdown (GitHub's dialect) from text that may hold anything.</summary>
internal static class MarkdownText
{
    private static readonly SearchValues<char> Special = SearchValues.Create(@"\`*_[]#!|~");

    /// <summary>Escapes what Markdown, its tables or HTML inside it would read as more than text; line breaks become spaces.</summary>
    public static string Escape(string value)
    {
        StringBuilder text = new(value.Length);
        foreach (char letter in value)
        {
            switch (letter)
            {
                case '<': text.Append("&lt;"); break;
                case '>': text.Append("&gt;"); break;
                case '&': text.Append("&amp;"); break;
                default:
                    if (char.IsControl(letter)) text.Append(' ');
                    else if (Special.Contains(letter)) text.Append('\\').Append(letter);
                    else text.Append(letter);
                    break;
            }
        }
        return text.ToString();
    }

    /// <summary>A block and the empty line after it.</summary>
    public static void Line(StringBuilder text, string block) => text.Append(block).Append("\n\n");

    /// <summary>A table; columns named in <paramref name="texts"/> stand left, the others are numbers and stand right.</summary>
    public static void Table(StringBuilder text, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, IReadOnlyList<int> texts)
    {
        Row(text, columns);
        Row(text, [.. columns.Select((_, index) => texts.Contains(index) ? "---" : "---:")]);
        foreach (IReadOnlyList<string> row in rows) Row(text, row);
        text.Append('\n');
    }

    /// <summary>A code block whose fence is longer than any run of backticks in it.</summary>
    public static void Fence(StringBuilder text, string code, string language)
    {
        int longest = 0;
        int run = 0;
        foreach (char letter in code)
        {
            run = letter == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        string fence = new('`', Math.Max(3, longest + 1));
        text.Append(fence).Append(language).Append('\n').Append(code.ReplaceLineEndings("\n").TrimEnd('\n')).Append('\n').Append(fence).Append('\n');
    }

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
