using static TorchSharp.torch;

namespace Factory.Synthesis.Published.Pickle;

/// <summary>
/// The Python names that a state dict needs, and what they make here. No other name is read: a pickle can name any function of any library
/// and have it called, which is how such files do harm.
/// </summary>
internal sealed class StateDictGlobals
{
    private const string OrderedDictionary = "collections.OrderedDict";
    private const string ScriptTypes = "__torch__.";

    private static readonly Dictionary<string, ScalarType> StorageTypes = new(StringComparer.Ordinal)
    {
        ["torch.DoubleStorage"] = ScalarType.Float64,
        ["torch.FloatStorage"] = ScalarType.Float32,
        ["torch.HalfStorage"] = ScalarType.Float16,
        ["torch.BFloat16Storage"] = ScalarType.BFloat16,
        ["torch.LongStorage"] = ScalarType.Int64,
        ["torch.IntStorage"] = ScalarType.Int32,
        ["torch.ShortStorage"] = ScalarType.Int16,
        ["torch.CharStorage"] = ScalarType.Int8,
        ["torch.ByteStorage"] = ScalarType.Byte,
        ["torch.BoolStorage"] = ScalarType.Bool,
    };

    private static readonly Dictionary<string, Func<PickleTuple, object?>> Functions = new(StringComparer.Ordinal)
    {
        [OrderedDictionary] = Dictionary,
        ["torch._utils._rebuild_tensor"] = Tensor,
        ["torch._utils._rebuild_tensor_v2"] = Tensor,
        ["torch._utils._rebuild_parameter"] = arguments => arguments.Items is [PickledTensor tensor, ..]
            ? tensor
            : throw new WeightFileException("The pickle is malformed: a parameter is made of no tensor."),
    };

    private static readonly HashSet<string> ScriptFunctions = new(StringComparer.Ordinal)
    {
        "torch.jit._pickle.build_intlist", "torch.jit._pickle.build_doublelist", "torch.jit._pickle.build_boollist",
        "torch.jit._pickle.build_tensorlist", "torch.jit._pickle.restore_type_tag",
    };

    private readonly Dictionary<string, PickledStorage> _storages = new(StringComparer.Ordinal);

    /// <summary>The storages that were named, by key.</summary>
    internal IReadOnlyDictionary<string, PickledStorage> Storages => _storages;

    /// <summary>Whether types of a TorchScript archive are known too. Default no.</summary>
    internal bool Script { get; init; }

    /// <summary>A name, which must be known.</summary>
    internal PickleGlobal Find(string module, string name)
    {
        var full = $"{module}.{name}";
        var known = StorageTypes.ContainsKey(full) || Functions.ContainsKey(full) || (Script && (IsScriptType(full) || ScriptFunctions.Contains(full)));
        return known
            ? new PickleGlobal(full)
            : throw new WeightFileException($"The pickle names '{Shorten(full)}', which no state dict needs: refused, and nothing of it was run. Save model.state_dict() alone.");
    }

    /// <summary>What a call of a known name makes.</summary>
    internal static object? Call(PickleGlobal function, PickleTuple arguments)
    {
        if (Functions.TryGetValue(function.Name, out var make))
            return make(arguments);
        return ScriptFunctions.Contains(function.Name) ? PickleIgnored.Instance : throw new WeightFileException($"The pickle is malformed: it calls '{Shorten(function.Name)}'.");
    }

    /// <summary>An empty object of a TorchScript type.</summary>
    internal static object New(PickleGlobal type) =>
        IsScriptType(type.Name) ? new PickleObject() : throw new WeightFileException($"The pickle is malformed: it makes an object of '{Shorten(type.Name)}'.");

    /// <summary>The storage that a persistent id names: <c>('storage', type, key, location, elements)</c>, and in old files <c>None</c>.</summary>
    internal PickledStorage Storage(object? id)
    {
        if (id is not PickleTuple { Items: [.., _] items } || items is not ["storage", PickleGlobal type, string key, string, long elements and >= 0, ..] || items.Skip(5).Any(item => item is not null))
            throw new WeightFileException("The pickle is malformed: a persistent id names no storage of the known form.");
        if (!StorageTypes.TryGetValue(type.Name, out var scalar))
            throw new WeightFileException($"The pickle is malformed: '{Shorten(type.Name)}' is no storage.");
        var storage = new PickledStorage(key, scalar, elements);
        return _storages.TryAdd(key, storage) || _storages[key] == storage
            ? storage
            : throw new WeightFileException($"The pickle is malformed: storage '{Shorten(key)}' has two types or lengths.");
    }

    /// <summary>A text of the file as it may stand in a message: short, one line, printable.</summary>
    internal static string Shorten(string text)
    {
        var shown = text.Length <= 100 ? text : text[..100] + "...";
        return string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' ? '?' : c));
    }

    private static bool IsScriptType(string name) => name.StartsWith(ScriptTypes, StringComparison.Ordinal);

    // Python 3 makes it empty and adds the items; Python 2 passes a list of pairs.
    private static PickleDictionary Dictionary(PickleTuple arguments)
    {
        var made = new PickleDictionary();
        if (arguments.Items.Count == 0)
            return made;
        if (arguments.Items is not [PickleList pairs])
            throw new WeightFileException("The pickle is malformed: an OrderedDict is made of something other than pairs.");
        foreach (var pair in pairs.Items)
        {
            var items = pair switch { PickleTuple tuple => tuple.Items, PickleList list => list.Items, _ => [] };
            if (items.Count != 2)
                throw new WeightFileException("The pickle is malformed: an OrderedDict is made of something other than pairs.");
            if (items[0] is string key)
                made.Entries[key] = items[1];
        }

        return made;
    }

    private static PickledTensor Tensor(PickleTuple arguments)
    {
        if (arguments.Items is not [PickledStorage storage, long offset and >= 0, PickleTuple size, PickleTuple stride, ..])
            throw new WeightFileException("The pickle is malformed: a tensor is not made of storage, offset, size and stride.");
        return PickledTensors.Checked(storage, offset, size.Numbers("size"), stride.Numbers("stride"));
    }
}
