using System.Formats.Tar;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Factory.Storage.Shards;

/// <summary>
/// Writes a WebDataset shard: a ustar archive whose bytes follow from its samples alone (modification time 0, owner 0, mode 0444, sorted by key).
/// Format: https://github.com/webdataset/webdataset.
/// </summary>
public sealed partial class ShardWriter : IDisposable
{
    /// <summary>Mode of every member: read-only for all, 0444.</summary>
    public const UnixFileMode MemberMode = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly TarWriter _tar;
    private string _last = "";

    /// <summary>Begins a shard.</summary>
    /// <param name="stream">Where to write; stays open.</param>
    public ShardWriter(Stream stream) => _tar = new(stream, TarEntryFormat.Ustar, leaveOpen: true);

    /// <summary>Adds a sample.</summary>
    /// <param name="key">Lower-case letters, digits, dashes and underscores; greater, in ordinal order, than the key before.</param>
    /// <param name="members">Its files; extensions in lower case, each once.</param>
    /// <exception cref="ShardFormatException">Key or extension is out of order or not allowed.</exception>
    public void Add(string key, IReadOnlyList<ShardMember> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        if (!KeyPattern().IsMatch(key)) throw new ShardFormatException(key, "a key has lower-case letters, digits, dashes and underscores only, at most 64");
        if (string.CompareOrdinal(key, _last) <= 0) throw new ShardFormatException(key, $"keys ascend; the one before is {_last}");
        _last = key;
        string? before = null;
        foreach (ShardMember member in members.OrderBy(member => member.Extension, StringComparer.Ordinal))
        {
            if (!ExtensionPattern().IsMatch(member.Extension) || member.Extension == before) throw new ShardFormatException($"{key}.{member.Extension}", "an extension is in lower case and stands once");
            before = member.Extension;
            Write($"{key}.{member.Extension}", member.Content);
        }
    }

    /// <summary>Writes the end of the archive.</summary>
    public void Dispose() => _tar.Dispose();

    private void Write(string name, ReadOnlyMemory<byte> content)
    {
        using MemoryStream data = StreamOf(content);
        _tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
        {
            ModificationTime = DateTimeOffset.UnixEpoch,
            Mode = MemberMode,
            Uid = 0,
            Gid = 0,
            UserName = "",
            GroupName = "",
            DataStream = data,
        });
    }

    // Over the caller's bytes where they are an array: encoded images are not copied once more.
    private static MemoryStream StreamOf(ReadOnlyMemory<byte> content) => MemoryMarshal.TryGetArray(content, out ArraySegment<byte> bytes)
        ? new(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
        : new(content.ToArray(), writable: false);

    [GeneratedRegex("^[a-z0-9_-]{1,64}\\z")]
    private static partial Regex KeyPattern();

    [GeneratedRegex("^[a-z0-9]{1,8}(\\.[a-z0-9]{1,8})?\\z")]
    private static partial Regex ExtensionPattern();
}
