using Spectre.Console;

namespace Factory.Cli.Output;

/// <summary>Tables on the console.</summary>
internal static class Tables
{
    public static Table Create(params string[] columns)
    {
        Table table = new() { Border = TableBorder.Simple };
        foreach (string column in columns) table.AddColumn(new TableColumn(Markup.Escape(column)).NoWrap());
        return table;
    }

    /// <summary>Adds a row of plain text; nothing in it is markup.</summary>
    public static void AddTextRow(this Table table, params string[] cells) => table.AddRow(cells.Select(cell => new Text(cell)));

    /// <summary>Prints the table, or what to do when it is empty. Where the output is no terminal it is never cut to a width.</summary>
    public static void Print(Table table, string whenEmpty)
    {
        if (table.Rows.Count == 0)
        {
            Console.WriteLine(whenEmpty);
            return;
        }
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 400;
        AnsiConsole.Write(table);
    }
}
