using System.Formats.Tar;
using System.Runtime.CompilerServices;

namespace Factory.Storage.Shards;

/// <summary>Reads shards, from a partner too: sizes are bounded, and nothing in an archive can name a place on disk.</summary>
public static class ShardReader
{
    /// <summary>Largest member that is read, in bytes.</summary>
    public const int MemberBytesLimit = 64 << 20;

    /// <summary>The samples of a shard, one after the other. Entries named <c>__x__</c> are skipped.</summary>
    /// <param name="stream">The tar.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ShardFormatException">The archive is damaged, or holds what no shard holds.</exception>
    public static async IAsyncEnumerable<ShardSample> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? key = null;
        List<ShardMember> members = [];
        await foreach ((TarEntry entry, string entryKey, string extension) in EntriesAsync(stream, cancellationToken))
        {
            if (key is not null && key != entryKey)
            {
                yield return new(key, members);
                members = [];
            }
            key = entryKey;
            members.Add(new(extension, await ContentAsync(entry, cancellationToken)));
        }
        if (key is not null) yield return new(key, members);
    }

    /// <summary>Where each member of a shard is, for reading single ones without the others.</summary>
    /// <param name="stream">The tar; seekable.</param>
    /// <param name="cancellationToken">Cancels the scan.</param>
    /// <exception cref="ShardFormatException">The archive is damaged, or holds what no shard holds.</exception>
    public static async Task<IReadOnlyList<ShardEntry>> ScanAsync(Stream stream, CancellationToken cancellationToken)
    {
        List<ShardEntry> entries = [];
        await foreach ((TarEntry entry, string key, string extension) in EntriesAsync(stream, cancellationToken))
        {
            entries.Add(new(key, extension, entry.DataOffset, (int)entry.Length));
        }
        return entries;
    }

    internal static async IAsyncEnumerable<(TarEntry Entry, string Key, string Extension)> EntriesAsync(
        Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using BoundedHeaders bounded = new(stream);
        await using TarReader tar = new(bounded, leaveOpen: true);
        TarEntry? last = null;
        while (await NextAsync(tar, bounded, last, cancellationToken) is { } entry)
        {
            last = entry;
            if (entry.EntryType is not TarEntryType.RegularFile) throw new ShardFormatException(entry.Name, $"a shard holds plain files only, this is a {entry.EntryType}");
            if (entry.Name.StartsWith("__", StringComparison.Ordinal) && entry.Name.EndsWith("__", StringComparison.Ordinal)) continue;
            int dot = entry.Name.IndexOf('.', StringComparison.Ordinal);
            if (dot <= 0 || entry.Name.AsSpan().IndexOfAny('/', '\\') >= 0) throw new ShardFormatException(entry.Name, "a member is named KEY.EXTENSION, without folders");
            if (entry.Length > MemberBytesLimit) throw new ShardFormatException(entry.Name, $"{entry.Length} bytes are more than a member may have ({MemberBytesLimit})");
            yield return (entry, entry.Name[..dot], entry.Name[(dot + 1)..]);
        }
    }

    internal static async Task<byte[]> ContentAsync(TarEntry entry, CancellationToken cancellationToken)
    {
        byte[] content = new byte[entry.Length];
        try
        {
            if (entry.DataStream is { } data) await data.ReadExactlyAsync(content, cancellationToken);
        }
        catch (EndOfStreamException)
        {
            throw new ShardFormatException(entry.Name, "the archive ends within this member");
        }
        return content;
    }

    private static async Task<TarEntry?> NextAsync(TarReader tar, BoundedHeaders bounded, TarEntry? last, CancellationToken cancellationToken)
    {
        try
        {
            // What a stream without positions has left of a member would be read among headers.
            if (!bounded.CanSeek && last?.DataStream is { } rest) await rest.CopyToAsync(Stream.Null, cancellationToken);
            bounded.ReadsHeaders = true;
            return await tar.GetNextEntryAsync(copyData: false, cancellationToken);
        }
        catch (Exception damage) when (damage is InvalidDataException or EndOfStreamException or FormatException or ArgumentException or OverflowException or NotSupportedException or InvalidOperationException)
        {
            throw new ShardFormatException($"after {last?.Name ?? "the beginning"}", $"the archive is damaged: {damage.Message}");
        }
        finally
        {
            bounded.ReadsHeaders = false;
        }
    }
}

/// <summary>Where one member of a shard is.</summary>
/// <param name="Key">Key of its sample.</param>
/// <param name="Extension">Its extension.</param>
/// <param name="Offset">Offset of its first byte in the tar.</param>
/// <param name="Length">Its length in bytes.</param>
public sealed record ShardEntry(string Key, string Extension, long Offset, int Length);
