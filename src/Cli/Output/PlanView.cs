using System.Globalization;
using Factory.Contracts.Api;
using Spectre.Console;

namespace Factory.Cli.Output;

/// <summary>The plan of a recipe as a table and a word of advice.</summary>
internal static class PlanView
{
    private const string Unknown = "not measured yet";

    public static void Print(RecipePlan plan)
    {
        Console.WriteLine($"{plan.Name} on {plan.Collection}, recipe {plan.Recipe.Short}, {plan.Numerics.Device} with {plan.Numerics.Threads} threads");
        Table table = Tables.Create("step", "kind", "items", "an item", "work", "an item takes", "one worker takes");
        foreach (PlannedStep step in plan.Steps) table.AddTextRow(Cells(step));
        Tables.Print(table, "no steps");
        foreach (string line in Advice(plan)) Console.WriteLine(line);
    }

    internal static string[] Cells(PlannedStep step) =>
    [
        step.Name,
        step.Kind,
        step.Units > 0 ? $"{step.Items}" : "by preset",
        step.ItemUnits is { } units ? $"{units} {step.Unit}" : "",
        step.Units > 0 ? $"{step.Units} {step.Unit}" : "",
        Times(step, forecast => forecast.ItemSeconds),
        Times(step, forecast => forecast.StepSeconds),
    ];

    /// <summary>One line for each step whose shards could be of a handier size, or whose speed is not known.</summary>
    internal static IEnumerable<string> Advice(RecipePlan plan)
    {
        foreach (PlannedStep step in plan.Steps.Where(step => step.Kind == "Synthesize"))
        {
            yield return step.MinuteShard is { } samples
                ? string.Create(CultureInfo.InvariantCulture, $"{step.Name}: {step.Forecasts![0].UnitsPerSecond:0.##} samples/s on {plan.Numerics.Device}; shardSize: {samples} makes shards of about a minute")
                : $"{step.Name}: a shard size of about a minute can be suggested once shards of such a generator were made on {plan.Numerics.Device}";
        }
    }

    private static string Times(PlannedStep step, Func<StepForecast, double?> seconds) => step.Forecasts is not { Count: > 0 } forecasts
        ? Unknown
        : string.Join(", ", forecasts.Where(forecast => seconds(forecast) is not null).Select(forecast => $"{forecast.Device} {Duration(seconds(forecast)!.Value)}"));

    private static string Duration(double seconds) => seconds < 10 ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0}s") : RunView.Duration(seconds);
}
