using Factory.Contracts.Api;
using Spectre.Console;

namespace Factory.Cli.Output;

/// <summary>What the doctor found, as a table.</summary>
internal static class DoctorView
{
    public static Table Table(IReadOnlyList<DoctorFinding> findings)
    {
        Table table = Tables.Create("check", "state", "finding", "what to do");
        // Sentences: on a narrow terminal they go over several lines rather than off its edge.
        foreach (TableColumn column in table.Columns.Skip(2)) column.NoWrap = false;
        foreach (DoctorFinding finding in findings) table.AddTextRow(finding.Check, finding.Remedy is null ? "ok" : "fault", finding.Finding, finding.Remedy ?? "");
        return table;
    }
}
