using Factory.Cli.Doctor;
using Spectre.Console;

namespace Factory.Cli.Output;

/// <summary>What the doctor found, as a table.</summary>
internal static class DoctorView
{
    public static Table Table(IReadOnlyList<(string Name, CheckResult Result)> findings)
    {
        Table table = Tables.Create("check", "state", "finding", "what to do");
        // Sentences: on a narrow terminal they go over several lines rather than off its edge.
        foreach (TableColumn column in table.Columns.Skip(2)) column.NoWrap = false;
        foreach ((string name, CheckResult result) in findings) table.AddTextRow(name, result.IsOk ? "ok" : "fault", result.Finding, result.Remedy ?? "");
        return table;
    }
}
