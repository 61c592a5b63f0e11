using System.Runtime.CompilerServices;
using System.Text.Json;
using Factory.Contracts;

namespace Factory.Storage.Objects;

/// <summary>Lists at rest: one JSON document a line, in the factory's settings (<see cref="ContractJson"/>).</summary>
public static class JsonLines
{
    /// <summary>Stores a list.</summary>
    /// <param name="objects">The store.</param>
    /// <param name="lines">The list; taken one by one.</param>
    /// <param name="cancellationToken">Cancels before the list is visible.</param>
    public static async Task<ObjectRef> WriteAsync<T>(IObjectStore objects, IEnumerable<T> lines, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(objects);
        ArgumentNullException.ThrowIfNull(lines);
        await using StagedObject staged = await objects.StageAsync(cancellationToken);
        foreach (T line in lines)
        {
            await staged.Stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(line, ContractJson.Options), cancellationToken);
            staged.Stream.WriteByte((byte)'\n');
        }
        return await staged.CommitAsync(MediaTypes.JsonLines, cancellationToken);
    }

    /// <summary>
    /// Reads a list line by line, in the memory of one line. Its digest is known only at its end: what was done with the lines counts once the enumeration has ended
    /// without an exception.
    /// </summary>
    /// <param name="objects">The store.</param>
    /// <param name="list">The list.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ObjectMissingException">The store does not hold it.</exception>
    /// <exception cref="ObjectCorruptException">The store holds other bytes under its digest. Thrown at the end, or at the first line that cannot be read.</exception>
    /// <exception cref="InvalidDataException">The bytes are those of the digest, and a line is no such document.</exception>
    public static async IAsyncEnumerable<T> ReadAsync<T>(IObjectStore objects, ObjectRef list, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(objects);
        ArgumentNullException.ThrowIfNull(list);
        await using Stream stream = await objects.OpenReadAsync(list.Digest, cancellationToken);
        using CheckedLines lines = new(stream, list);
        while (await lines.NextAsync(cancellationToken) is { } line)
        {
            T? document = default;
            JsonException? damage = null;
            try
            {
                document = JsonSerializer.Deserialize<T>(line.Span, ContractJson.Options) ?? throw new JsonException("it is null");
            }
            catch (JsonException unreadable)
            {
                damage = unreadable;
            }
            if (damage is not null)
            {
                // Damaged bytes are told as such, whatever they look like.
                await lines.SkipAsync(cancellationToken);
                throw new InvalidDataException($"line {lines.Number} of list {list.Digest.Short} is not a {typeof(T).Name}: {damage.Message}", damage);
            }
            yield return document!;
        }
    }
}
