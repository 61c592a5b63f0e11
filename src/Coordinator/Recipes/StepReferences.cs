using System.Text.Json.Nodes;
using Factory.Contracts.Recipes;
using YamlDotNet.RepresentationModel;

namespace Factory.Coordinator.Recipes;

/// <summary>Checks what crosses fields and steps: references, cycles, fields that exclude or need one another.</summary>
internal static class StepReferences
{
    public static void Check(IReadOnlyList<StepNode> steps, FieldChecks checks)
    {
        Dictionary<string, StepNode> byName = [];
        foreach (StepNode step in steps) byName.TryAdd(step.Name, step);
        foreach (StepNode step in steps)
        {
            foreach ((RecipeField field, YamlNode at, string target) in ReferencesOf(step)) CheckOne(step, field, at, target, byName, checks);
            if (step.Kind == "Synthesize") CheckCorpus(step, checks);
            if (step.Json["size"] is { } size && step.Kind != "Synthesize" && size.GetValue<long>() % 32 != 0) checks.Add(FieldChecks.Find(step.Yaml, "size")!, $"{step.Path}.size", $"must be a multiple of 32, is {size}.");
        }
        CheckCycles(steps, byName, checks);
    }

    private static IEnumerable<(RecipeField Field, YamlNode At, string Target)> ReferencesOf(StepNode step)
    {
        foreach (RecipeField field in step.Fields.Where(field => field.Type is FieldType.Reference or FieldType.References))
        {
            if (!step.Json.ContainsKey(field.Key)) continue;
            YamlNode node = FieldChecks.Find(step.Yaml, field.Key)!;
            IEnumerable<YamlNode> items = node is YamlSequenceNode list ? list : [node];
            foreach (YamlNode item in items) yield return (field, item, ((YamlScalarNode)item).Value!);
        }
    }

    private static void CheckOne(StepNode step, RecipeField field, YamlNode at, string target, Dictionary<string, StepNode> byName, FieldChecks checks)
    {
        string path = $"{step.Path}.{field.Key}", needed = string.Join(" or ", field.Kinds);
        if (StepInput.IsCheckpoint(target))
        {
            if (!field.OrCheckpoint) checks.Add(at, path, $"needs a {needed} step, not a checkpoint.");
            else if (target.Length == StepInput.CheckpointPrefix.Length) checks.Add(at, path, "after checkpoint: comes a name or digest; see factory checkpoint list.");
            return;
        }
        if (target == step.Name) checks.Add(at, path, "a step cannot refer to itself.");
        else if (!byName.TryGetValue(target, out StepNode? found)) checks.Add(at, path, $"there is no step '{target}'; {Spelling.Hint(target, byName.Values.Where(other => field.Kinds.Contains(other.Kind)).Select(other => other.Name))}");
        else if (!field.Kinds.Contains(found.Kind)) checks.Add(at, path, $"needs a {needed} step; '{target}' is a {found.Kind}.");
    }

    private static void CheckCorpus(StepNode step, FieldChecks checks)
    {
        bool samples = step.Json.ContainsKey("samples"), counts = step.Json.ContainsKey("counts");
        bool written = FieldChecks.Find(step.Yaml, "samples") is not null || FieldChecks.Find(step.Yaml, "counts") is not null;
        if (samples && counts) checks.Add(FieldChecks.Find(step.Yaml, "counts")!, $"{step.Path}.counts", "either samples or counts, not both.");
        else if (!written) checks.Add(step.Yaml, $"{step.Path}.samples", "is missing: say samples, or counts by category.");
        if (counts && step.Json["counts"]!.AsObject().All(count => count.Value!.GetValue<long>() == 0)) checks.Add(FieldChecks.Find(step.Yaml, "counts")!, $"{step.Path}.counts", "add up to nothing.");
        if (step.Json["generator"] is { } generator && StepInput.IsCheckpoint(generator.GetValue<string>()) && !step.Json.ContainsKey("cams"))
        {
            checks.Add(step.Yaml, $"{step.Path}.cams", "is missing: with a generator from a checkpoint, say which CAMs to draw from.");
        }
    }

    private static void CheckCycles(IReadOnlyList<StepNode> steps, Dictionary<string, StepNode> byName, FieldChecks checks)
    {
        HashSet<string> done = [];
        foreach (StepNode step in steps)
        {
            List<string> path = [];
            if (FindCycle(step.Name, byName, done, path) is not { } cycle) continue;
            checks.Add(byName[cycle[0]].Yaml, $"steps.{cycle[0]}", $"steps wait for one another in a circle: {string.Join(" -> ", cycle)}.");
            return;
        }
    }

    private static List<string>? FindCycle(string name, Dictionary<string, StepNode> byName, HashSet<string> done, List<string> path)
    {
        if (path.IndexOf(name) is >= 0 and int start) return path.Count - start == 1 ? null : [.. path[start..], name];
        if (done.Contains(name) || !byName.TryGetValue(name, out StepNode? step)) return null;
        path.Add(name);
        foreach ((_, _, string target) in ReferencesOf(step))
        {
            if (FindCycle(target, byName, done, path) is { } cycle) return cycle;
        }
        path.RemoveAt(path.Count - 1);
        done.Add(name);
        return null;
    }
}
