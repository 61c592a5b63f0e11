namespace Factory.Coordinator.Recipes;

/// <summary>Checks what steps refer to: it exists, is of a kind that serves, and leads back to nobody.</summary>
internal static class RecipeReferences
{
    public static void Check(IReadOnlyList<WrittenStep> steps, RecipeIssues issues)
    {
        Dictionary<string, WrittenStep> byName = steps.ToDictionary(step => step.Name, StringComparer.Ordinal);
        Dictionary<string, List<(WrittenReference Reference, WrittenStep Target)>> edges = new(StringComparer.Ordinal);
        foreach (WrittenStep step in steps)
        {
            edges[step.Name] = [];
            foreach (WrittenReference reference in step.References)
            {
                if (Resolve(step, reference, byName, issues) is { } target) edges[step.Name].Add((reference, target));
            }
        }
        RefuseCycles(steps, edges, issues);
    }

    private static WrittenStep? Resolve(WrittenStep step, WrittenReference reference, Dictionary<string, WrittenStep> byName, RecipeIssues issues)
    {
        string name = reference.Node.Value;
        if (name == step.Name)
        {
            issues.Add(reference.Node, reference.Path, $"step '{name}' refers to itself; a {reference.Type.Needed} step is needed");
            return null;
        }
        if (!byName.TryGetValue(name, out WrittenStep? target))
        {
            // Steps of a kind that serves are the better guess.
            List<string> fitting = [.. byName.Values.Where(other => other.Kind is { } kind && reference.Type.Kinds.Contains(kind.Name)).Select(other => other.Name)];
            string? near = NearestName.Of(name, fitting) ?? NearestName.Of(name, [.. byName.Keys]);
            issues.Add(reference.Node, reference.Path, $"there is no step '{name}'" + (near is not null ? $"; did you mean '{near}'?"
                : fitting.Count > 0 ? $"; steps that serve are {string.Join(", ", fitting)}" : $"; add a {reference.Type.Needed} step"));
            return null;
        }
        // A step whose kind could not be read has its own error.
        if (target.Kind is null) return null;
        if (reference.Type.Kinds.Contains(target.Kind.Name)) return target;
        issues.Add(reference.Node, reference.Path, $"step '{name}' is a {target.Kind.Name}, a {reference.Type.Needed} is needed");
        return null;
    }

    private static void RefuseCycles(
        IReadOnlyList<WrittenStep> steps, Dictionary<string, List<(WrittenReference Reference, WrittenStep Target)>> edges, RecipeIssues issues)
    {
        HashSet<string> done = new(StringComparer.Ordinal);
        List<string> path = [];
        foreach (WrittenStep step in steps) Visit(step);

        void Visit(WrittenStep step)
        {
            if (done.Contains(step.Name)) return;
            path.Add(step.Name);
            foreach ((WrittenReference reference, WrittenStep target) in edges[step.Name])
            {
                int start = path.IndexOf(target.Name);
                if (start < 0) Visit(target);
                else issues.Add(reference.Node, reference.Path, $"closes a cycle: {string.Join(" -> ", path.Skip(start).Append(target.Name))}; a step can only need what is made before it");
            }
            path.RemoveAt(path.Count - 1);
            done.Add(step.Name);
        }
    }
}
