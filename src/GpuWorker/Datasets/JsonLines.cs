using System.Text.Json;
using Factory.Contracts;
using Factory.Storage.Objects;

namespace Factory.GpuWorker.Datasets;

/// <summary>Lists at rest: one JSON document a line.</summary>
internal static class JsonLines
{
    /// <summary>Reads a list whole, checked against its digest: what is computed follows from it.</summary>
    /// <exception cref="InvalidDataException">A line is no such document.</exception>
    public static async Task<List<T>> ReadAsync<T>(IObjectStore objects, ObjectRef list, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> rest = await objects.ReadAsync(list, cancellationToken);
        List<T> lines = [];
        while (!rest.IsEmpty)
        {
            int end = rest.Span.IndexOf((byte)'\n');
            lines.Add(Parse<T>((end < 0 ? rest : rest[..end]).Span, list, lines.Count + 1));
            rest = end < 0 ? default : rest[(end + 1)..];
        }
        return lines;
    }

    private static T Parse<T>(ReadOnlySpan<byte> json, ObjectRef list, int line)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, ContractJson.Options) ?? throw new JsonException("it is null");
        }
        catch (JsonException damage)
        {
            throw new InvalidDataException($"line {line} of list {list.Digest.Short} is not a {typeof(T).Name}: {damage.Message}", damage);
        }
    }
}
