using Factory.Synthesis.Published.Pickle;

namespace Factory.Synthesis.Published;

/// <summary>Finds the state dict in what a pickle holds: the dictionary itself, one under a usual name, or the attributes of a TorchScript module.</summary>
internal static class PickledStateDict
{
    private const int MaxDepth = 32;
    private const int MaxVisits = 200_000;
    private static readonly string[] Wrappers = ["state_dict", "model_state_dict", "model", "net", "network", "weights", "params"];

    /// <summary>The entries by key: tensors, and what else stands among them.</summary>
    internal static IReadOnlyDictionary<string, object?> Find(object? value)
    {
        if (value is PickleObject module)
        {
            var found = new Dictionary<string, object?>(StringComparer.Ordinal);
            var visits = 0;
            Collect(module, "", 0, found, ref visits);
            return found;
        }

        var entries = (value as PickleDictionary ?? throw new WeightFileException($"The checkpoint holds {PickleTuple.Describe(value)}, expected a dictionary of tensors.")).Entries;
        for (var depth = 0; depth < Wrappers.Length && !entries.Values.Any(v => v is PickledTensor); depth++)
        {
            var wrapper = Wrappers.FirstOrDefault(name => entries.GetValueOrDefault(name) is PickleDictionary)
                ?? throw new WeightFileException($"The checkpoint holds no tensors, but {Some(entries.Keys)}; expected a state dict, alone or as one of {string.Join(", ", Wrappers)}.");
            entries = ((PickleDictionary)entries[wrapper]!).Entries;
        }

        return entries;
    }

    // Modules hold modules, and what is hostile holds itself, or the same one twice at every depth.
    private static void Collect(PickleObject module, string prefix, int depth, Dictionary<string, object?> found, ref int visits)
    {
        if (depth > MaxDepth)
            throw new WeightFileException($"The TorchScript archive nests modules more than {MaxDepth} deep: refused.");
        foreach (var (name, value) in module.Attributes)
        {
            if (++visits > MaxVisits)
                throw new WeightFileException($"The TorchScript archive has more than {MaxVisits} attributes: refused.");
            if (value is PickledTensor)
                found[prefix + name] = value;
            else if (value is PickleObject inner)
                Collect(inner, $"{prefix}{name}.", depth + 1, found, ref visits);
        }
    }

    private static string Some(IEnumerable<string> keys)
    {
        var all = keys.Order(StringComparer.Ordinal).ToList();
        return all.Count == 0 ? "nothing" : string.Join(", ", all.Take(5).Select(key => $"'{StateDictGlobals.Shorten(key)}'")) + (all.Count > 5 ? $" and {all.Count - 5} more" : "");
    }
}
