using System.Text.Json;
using System.Text.Json.Serialization;

namespace Factory.Contracts;

/// <summary>The JSON settings of everything the factory writes and reads: camel case, enums as text, no nulls written, unknown members ignored.</summary>
public static class ContractJson
{
    /// <summary>The shared, read-only settings.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        JsonSerializerOptions options = new(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Converters = { new JsonStringEnumConverter() },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
