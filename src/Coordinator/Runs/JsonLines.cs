using System.Runtime.CompilerServices;
using System.Text.Json;
using Factory.Contracts;
using Factory.Storage.Objects;

namespace Factory.Coordinator.Runs;

/// <summary>Lists at rest: one JSON document a line.</summary>
internal static class JsonLines
{
    /// <summary>Stores a list.</summary>
    public static async Task<ObjectRef> WriteAsync<T>(IObjectStore objects, IEnumerable<T> lines, CancellationToken cancellationToken)
    {
        await using StagedObject staged = await objects.StageAsync(cancellationToken);
        foreach (T line in lines)
        {
            await staged.Stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(line, ContractJson.Options), cancellationToken);
            staged.Stream.WriteByte((byte)'\n');
        }
        return await staged.CommitAsync(MediaTypes.JsonLines, cancellationToken);
    }

    /// <summary>Reads a list, line by line.</summary>
    public static async IAsyncEnumerable<T> ReadAsync<T>(IObjectStore objects, ObjectRef list, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using Stream stream = await objects.OpenReadAsync(list.Digest, cancellationToken);
        using StreamReader reader = new(stream);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return JsonSerializer.Deserialize<T>(line, ContractJson.Options)!;
        }
    }
}
