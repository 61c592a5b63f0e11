using Factory.Synthesis.Networks;
using static TorchSharp.torch;

namespace Factory.Synthesis.Published.Pickle;

// What a pickle may hold here: null, bool, long, double, string and the types below. None of them does anything.

/// <summary>A name of a Python object, on the list of those that are known.</summary>
internal sealed record PickleGlobal(string Name);

/// <summary>A tuple.</summary>
internal sealed record PickleTuple(IReadOnlyList<object?> Items)
{
    internal static PickleTuple Empty { get; } = new([]);

    /// <summary>The items as whole numbers from 0 on, such as a shape.</summary>
    internal long[] Numbers(string what) =>
        [.. Items.Select(item => item is long number and >= 0 ? number : throw new WeightFileException($"The pickle is malformed: a tensor's {what} holds {Describe(item)}, expected whole numbers from 0 on."))];

    internal static string Describe(object? value) => value switch
    {
        null => "None",
        bool or long or double => $"{value}",
        string => "a string",
        PickleGlobal global => $"'{global.Name}'",
        PickleTuple => "a tuple",
        PickleList => "a list",
        PickleDictionary => "a dictionary",
        PickledTensor => "a tensor",
        _ => "an object",
    };
}

/// <summary>A list.</summary>
internal sealed class PickleList
{
    internal List<object?> Items { get; } = [];
}

/// <summary>A dictionary, of which the entries with string keys are kept.</summary>
internal sealed class PickleDictionary
{
    internal Dictionary<string, object?> Entries { get; } = new(StringComparer.Ordinal);
}

/// <summary>An object of a TorchScript archive: its attributes, without its code.</summary>
internal sealed class PickleObject
{
    internal Dictionary<string, object?> Attributes { get; } = new(StringComparer.Ordinal);
}

/// <summary>A value that is read over, such as a number of arbitrary length or a list of a TorchScript object.</summary>
internal sealed class PickleIgnored
{
    internal static PickleIgnored Instance { get; } = new();
}

/// <summary>Numbers that lie elsewhere in the file.</summary>
internal sealed record PickledStorage(string Key, ScalarType Type, long Elements)
{
    internal int ElementBytes { get; } = SafeTensorsHeader.TypeOf(Type).Bytes;
}

/// <summary>A tensor as a view of a storage; offset and strides in elements.</summary>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides);
