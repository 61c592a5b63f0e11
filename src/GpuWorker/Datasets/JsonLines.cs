using System.Runtime.CompilerServices;
using System.Text.Json;
using Factory.Contracts;
using Factory.Storage.Objects;

namespace Factory.GpuWorker.Datasets;

/// <summary>Lists at rest: one JSON document a line.</summary>
internal static class JsonLines
{
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
