using System.Text.Json;
using System.Text.Json.Serialization;

namespace Factory.Synthesis.Networks;

/// <summary>How metadata inside a checkpoint is written: camel case, enums by name, read-only members left out.</summary>
internal static class CheckpointJson
{
    internal static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Parses a value and runs its own checks, turning every complaint into a <see cref="CheckpointException"/>.</summary>
    internal static T ParseValid<T>(string json, string what, Action<T> validate)
    {
        var value = Parse<T>(json, what);
        try
        {
            validate(value);
            return value;
        }
        catch (ArgumentException e)
        {
            throw new CheckpointException($"The checkpoint's {what} is out of range: {e.Message}", e);
        }
    }

    internal static T Parse<T>(string json, string what)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options) ?? throw new CheckpointException($"The checkpoint's {what} is null.");
        }
        catch (JsonException e)
        {
            throw new CheckpointException($"The checkpoint's {what} is not what this version writes: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
