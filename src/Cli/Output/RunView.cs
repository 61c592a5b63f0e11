using System.Globalization;
using Factory.Contracts;
using Factory.Contracts.Api;
using Spectre.Console;

namespace Factory.Cli.Output;

/// <summary>A run as tables and lines.</summary>
internal static class RunView
{
    public static void Print(RunSnapshot snapshot)
    {
        RunSummary run = snapshot.Run;
        Console.WriteLine($"run {run.Id}: {run.Name} on {run.Collection}, {run.State}");
        Console.WriteLine($"recipe {run.Recipe}, {run.Numerics.Device} with {run.Numerics.Threads} threads, {run.Numerics.DataType}");
        Tables.Print(Steps(snapshot), "no steps");
        foreach (StepSnapshot step in snapshot.Steps.Where(step => step.Output is not null))
        {
            if (step.Output!.Checkpoint is { } checkpoint) Console.WriteLine($"{step.Name}: checkpoint {run.Name}-{run.Id}-{step.Name} {checkpoint.Digest}");
            if (step.Output.Manifest is { } manifest) Console.WriteLine($"{step.Name}: corpus {manifest.Digest}");
            foreach (string line in Quality(step.Output)) Console.WriteLine($"{step.Name}: {line}");
        }
        foreach (string line in Troubles(snapshot)) Console.WriteLine(line);
    }

    /// <summary>How many samples of a corpus were kept and why others were not, and how they compare with real images.</summary>
    public static IEnumerable<string> Quality(StepOutput output)
    {
        if (output.Samples is { } samples)
        {
            string[] reasons = [.. (output.Rejected ?? new Dictionary<string, long>()).OrderBy(reason => reason.Key, StringComparer.Ordinal).Select(reason => $"{reason.Key} {reason.Value}")];
            yield return $"{samples.Sum()} samples, rejected: {(reasons.Length == 0 ? "none" : string.Join(", ", reasons))}";
        }
        if (output.Figures is not { } figures) yield break;
        string Text(string name, double? value) => value is { } known ? string.Create(CultureInfo.InvariantCulture, $"{name} {known:0.####}") : $"{name} unknown";
        yield return $"{figures.Samples} samples and {figures.Images} real images: {Text("FID", figures.Frechet)}, {Text("KID", figures.Kernel)}, {Text("precision", figures.Precision)}, {Text("recall", figures.Recall)}";
    }

    public static Table Steps(RunSnapshot snapshot)
    {
        Table table = Tables.Create("step", "kind", "state", "items", "done", "rate", "left", "note");
        foreach (StepSnapshot step in snapshot.Steps)
        {
            table.AddTextRow(
                step.Name, step.Kind, State(step), $"{step.ItemsDone}/{step.Items}", Done(step), Rate(step), Left(step), step.Note ?? "");
        }
        return table;
    }

    /// <summary>One line on a step, for logs.</summary>
    public static string Line(StepSnapshot step) => string.Join("  ", new[]
    {
        step.Name.PadRight(12), step.Kind.PadRight(15), State(step).PadRight(9), Done(step), Rate(step), step.State == StepState.Running ? Left(step) : "", step.Note ?? "",
    }.Where(part => part.Length > 0));

    public static IEnumerable<string> Troubles(RunSnapshot snapshot)
    {
        foreach (PoisonedItem item in snapshot.Poisoned)
        {
            yield return $"set aside: item {item.ItemId} ({item.Step}/{item.Ordinal}) after {item.Attempts} attempts: {item.Error}";
        }
        if (snapshot.Run.Error is { } error) yield return $"run {snapshot.Run.Id} {snapshot.Run.State}: {error}";
    }

    public static string Duration(double seconds) => seconds switch
    {
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0}s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 60}m{(int)seconds % 60:00}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 3600}h{(int)seconds / 60 % 60:00}m"),
    };

    private static string State(StepSnapshot step) => step.State switch
    {
        StepState.Completed => step.Seconds is { } seconds ? $"done {Duration(seconds)}" : "done",
        StepState.Running => "working",
        StepState.Faulted => "faulted",
        _ => "waiting",
    };

    private static string Done(StepSnapshot step) => step.State == StepState.Waiting
        ? ""
        : step.Total > 0 ? $"{step.Done}/{step.Total} {step.Unit}" : $"{step.Done} {step.Unit}";

    private static string Rate(StepSnapshot step) => step.Rate is { } rate ? string.Create(CultureInfo.InvariantCulture, $"{rate:0.0} {step.Unit}/s") : "";

    private static string Left(StepSnapshot step) => step.SecondsLeft is { } left ? $"{Duration(left)} left" : "";
}
