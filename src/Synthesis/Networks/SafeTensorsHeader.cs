using System.Text.Json;
using TorchSharp;

namespace Factory.Synthesis.Networks;

/// <summary>The parsed and checked JSON header: where each tensor lies in the data that follows.</summary>
internal sealed class SafeTensorsHeader
{
    internal const int MaxBytes = 8 << 20;
    internal const string MetadataKey = "__metadata__";
    private const int MaxDimensions = 16;

    private static readonly Dictionary<string, (torch.ScalarType Type, int Bytes)> Types = new(StringComparer.Ordinal)
    {
        ["F64"] = (torch.ScalarType.Float64, 8),
        ["I64"] = (torch.ScalarType.Int64, 8),
        ["F32"] = (torch.ScalarType.Float32, 4),
        ["I32"] = (torch.ScalarType.Int32, 4),
        ["F16"] = (torch.ScalarType.Float16, 2),
        ["BF16"] = (torch.ScalarType.BFloat16, 2),
        ["I16"] = (torch.ScalarType.Int16, 2),
        ["I8"] = (torch.ScalarType.Int8, 1),
        ["U8"] = (torch.ScalarType.Byte, 1),
        ["BOOL"] = (torch.ScalarType.Bool, 1),
    };

    internal required IReadOnlyList<Entry> Entries { get; init; }

    internal required SortedDictionary<string, string> Metadata { get; init; }

    internal sealed record Entry(string Name, torch.ScalarType Type, long[] Shape, long Begin, long End);

    internal static (string Name, int Bytes) TypeOf(torch.ScalarType type)
    {
        foreach (var (name, known) in Types)
        {
            if (known.Type == type)
                return (name, known.Bytes);
        }

        throw new SafeTensorsException($"Tensors of type {type} have no safetensors dtype; convert to Float32 first.");
    }

    /// <summary>Parses a header and checks that its entries tile the data without hole or overlap.</summary>
    internal static SafeTensorsHeader Parse(ReadOnlyMemory<byte> json, long dataBytes)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new SafeTensorsException($"The header is a JSON {document.RootElement.ValueKind}, expected an object.");
            var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal);
            var entries = new List<Entry>();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.NameEquals(MetadataKey))
                    ReadMetadata(property.Value, metadata);
                else
                    entries.Add(ReadEntry(property.Name, property.Value));
            }

            CheckTiling(entries, dataBytes);
            return new SafeTensorsHeader { Entries = entries, Metadata = metadata };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // InvalidOperationException: a string with invalid UTF-8 or a lone surrogate.
            throw new SafeTensorsException($"The header is not valid JSON: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private static void ReadMetadata(JsonElement element, SortedDictionary<string, string> metadata)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new SafeTensorsException($"{MetadataKey} is a JSON {element.ValueKind}, expected an object of strings.");
        foreach (var entry in element.EnumerateObject())
        {
            metadata[entry.Name] = entry.Value.ValueKind == JsonValueKind.String
                ? entry.Value.GetString()!
                : throw new SafeTensorsException($"{MetadataKey} entry '{entry.Name}' is a JSON {entry.Value.ValueKind}, expected a string.");
        }
    }

    private static Entry ReadEntry(string name, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object
            || !element.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String
            || !element.TryGetProperty("shape", out var shape) || shape.ValueKind != JsonValueKind.Array
            || !element.TryGetProperty("data_offsets", out var offsets) || offsets.ValueKind != JsonValueKind.Array)
            throw new SafeTensorsException($"Tensor '{name}': expected an object with dtype, shape and data_offsets.");
        if (!Types.TryGetValue(dtype.GetString()!, out var type))
            throw new SafeTensorsException($"Tensor '{name}': unknown dtype '{dtype.GetString()}', expected one of {string.Join(", ", Types.Keys)}.");

        var dimensions = ReadNumbers(name, "shape", shape);
        if (dimensions.Length > MaxDimensions)
            throw new SafeTensorsException($"Tensor '{name}': {dimensions.Length} dimensions, at most {MaxDimensions} are read.");
        var range = ReadNumbers(name, "data_offsets", offsets);
        if (range.Length != 2 || range[1] < range[0])
            throw new SafeTensorsException($"Tensor '{name}': data_offsets must be two numbers, begin and end, begin no later than end.");
        var expected = BytesOf(name, dimensions, type.Bytes);
        if (range[1] - range[0] != expected)
            throw new SafeTensorsException($"Tensor '{name}': data_offsets span {range[1] - range[0]} bytes, shape and dtype need {expected}.");
        return new Entry(name, type.Type, dimensions, range[0], range[1]);
    }

    private static long[] ReadNumbers(string name, string field, JsonElement array)
    {
        var numbers = new long[array.GetArrayLength()];
        var i = 0;
        foreach (var element in array.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out numbers[i]) || numbers[i] < 0)
                throw new SafeTensorsException($"Tensor '{name}': {field}[{i}] is not a whole number from 0 on.");
            i++;
        }

        return numbers;
    }

    private static long BytesOf(string name, long[] shape, int elementBytes)
    {
        try
        {
            return shape.Aggregate((long)elementBytes, (product, side) => checked(product * Math.Max(side, 1))) * (shape.Contains(0) ? 0 : 1);
        }
        catch (OverflowException e)
        {
            throw new SafeTensorsException($"Tensor '{name}': shape [{string.Join(", ", shape)}] overflows 64 bits.", e);
        }
    }

    private static void CheckTiling(List<Entry> entries, long dataBytes)
    {
        long position = 0;
        foreach (var entry in entries.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            if (entry.Begin != position)
                throw new SafeTensorsException($"Tensor '{entry.Name}' begins at byte {entry.Begin} of the data, expected {position}: tensors must neither overlap nor leave holes.");
            position = entry.End;
        }

        if (position != dataBytes)
            throw new SafeTensorsException($"The header describes {position} bytes of data, the file has {dataBytes}: it is truncated or has trailing bytes.");
    }
}
