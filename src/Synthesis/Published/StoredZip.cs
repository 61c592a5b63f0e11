using System.Buffers.Binary;
using System.Text;

namespace Factory.Synthesis.Published;

/// <summary>
/// A zip archive whose entries are stored, not compressed, as torch writes them: reading an entry never gives more bytes than the file has, so that
/// no zip bomb can grow. ZIP64 is read. Source: PKWARE's APPNOTE, sections 4.3 and 4.5.
/// </summary>
internal sealed class StoredZip
{
    private const int MaxEntries = 100_000;
    private const int MaxDirectoryBytes = 16 << 20;
    private const int EndBytes = 22;
    private const int MaxCommentBytes = ushort.MaxValue;
    private const uint EndSignature = 0x06054b50;
    private const uint LocatorSignature = 0x07064b50;
    private const uint End64Signature = 0x06064b50;
    private const uint DirectorySignature = 0x02014b50;
    private const uint LocalSignature = 0x04034b50;

    private readonly Stream _stream;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Reads the directory of an archive.</summary>
    /// <exception cref="WeightFileException">It is damaged, truncated or too large.</exception>
    internal StoredZip(Stream stream)
    {
        _stream = stream;
        var (count, offset, length) = FindDirectory();
        if (count > MaxEntries || length > MaxDirectoryBytes)
            throw new WeightFileException($"The zip archive lists {count} entries in {length} bytes, at most {MaxEntries} in {MaxDirectoryBytes} are read.");
        var directory = Bytes(offset, (int)length, "directory");
        for (var (i, at) = (0L, 0); i < count; i++)
            at = ReadEntry(directory, at);
    }

    /// <summary>Names of the entries.</summary>
    internal IEnumerable<string> Names => _entries.Keys;

    /// <summary>Bytes of an entry; null where there is none.</summary>
    /// <exception cref="WeightFileException">It is compressed or encrypted.</exception>
    internal long? Length(string name) => _entries.TryGetValue(name, out var entry) ? Plain(name, entry).Length : null;

    /// <summary>Fills a buffer from an entry.</summary>
    internal void Read(string name, long offset, Span<byte> destination)
    {
        var entry = Plain(name, _entries[name]);
        var header = Bytes(entry.Offset, 30, "entry");
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalSignature)
            throw Damaged($"entry '{Pickle.StateDictGlobals.Shorten(name)}' does not begin where the directory says");
        var start = entry.Offset + 30 + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(26)) + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28));
        if (start + entry.Length > _stream.Length)
            throw Damaged($"entry '{Pickle.StateDictGlobals.Shorten(name)}' of {entry.Length} bytes reaches beyond the file's {_stream.Length}: it is truncated");
        _stream.Position = start + offset;
        _stream.ReadExactly(destination);
    }

    private sealed record Entry(int Flags, int Method, long Length, long StoredLength, long Offset);

    private Entry Plain(string name, Entry entry)
    {
        if ((entry.Flags & 1) != 0 || entry.Method != 0 || entry.Length != entry.StoredLength)
            throw new WeightFileException($"Entry '{Pickle.StateDictGlobals.Shorten(name)}' of the zip archive is compressed or encrypted ({entry.StoredLength} bytes that would be {entry.Length}); torch stores what it writes: refused.");
        return entry.Length <= _stream.Length ? entry : throw Damaged($"entry '{Pickle.StateDictGlobals.Shorten(name)}' claims {entry.Length} bytes of a file of {_stream.Length}");
    }

    private (long Count, long Offset, long Length) FindDirectory()
    {
        var tail = (int)Math.Min(_stream.Length, EndBytes + MaxCommentBytes);
        var bytes = Bytes(_stream.Length - tail, tail, "end");
        for (var at = tail - EndBytes; at >= 0; at--)
        {
            var end = bytes.AsSpan(at);
            if (BinaryPrimitives.ReadUInt32LittleEndian(end) != EndSignature)
                continue;
            long count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]), length = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]), offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
            return count == ushort.MaxValue || length == uint.MaxValue || offset == uint.MaxValue ? FindDirectory64(_stream.Length - tail + at) : (count, offset, length);
        }

        throw Damaged("it has no directory at its end: it is truncated");
    }

    private (long Count, long Offset, long Length) FindDirectory64(long end)
    {
        var locator = Bytes(end - 20, 20, "ZIP64 locator");
        var record = BinaryPrimitives.ReadUInt32LittleEndian(locator) == LocatorSignature
            ? Bytes(BinaryPrimitives.ReadInt64LittleEndian(locator.AsSpan(8)), 56, "ZIP64 end")
            : throw Damaged("it has no ZIP64 locator");
        if (BinaryPrimitives.ReadUInt32LittleEndian(record) != End64Signature)
            throw Damaged("its ZIP64 end is not where the locator says");
        long count = BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(32)), length = BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(40)), offset = BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(48));
        return count >= 0 && length >= 0 ? (count, offset, length) : throw Damaged("its ZIP64 end has negative sizes");
    }

    private int ReadEntry(byte[] directory, int at)
    {
        if (directory.Length - at < 46 || BinaryPrimitives.ReadUInt32LittleEndian(directory.AsSpan(at)) != DirectorySignature)
            throw Damaged("its directory ends early");
        var header = directory.AsSpan(at);
        int name = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]), extra = BinaryPrimitives.ReadUInt16LittleEndian(header[30..]), comment = BinaryPrimitives.ReadUInt16LittleEndian(header[32..]);
        if (header.Length < 46 + name + extra + comment)
            throw Damaged("its directory ends early");
        var wide = new Zip64Fields(header.Slice(46 + name, extra));
        var length = wide.Or(BinaryPrimitives.ReadUInt32LittleEndian(header[24..]));
        var stored = wide.Or(BinaryPrimitives.ReadUInt32LittleEndian(header[20..]));
        var offset = wide.Or(BinaryPrimitives.ReadUInt32LittleEndian(header[42..]));
        if (length < 0 || stored < 0 || offset < 0)
            throw Damaged("an entry has a negative size");
        var key = Encoding.UTF8.GetString(header.Slice(46, name));
        var entry = new Entry(BinaryPrimitives.ReadUInt16LittleEndian(header[8..]), BinaryPrimitives.ReadUInt16LittleEndian(header[10..]), length, stored, offset);
        if (!_entries.TryAdd(key, entry))
            throw Damaged($"it has two entries '{Pickle.StateDictGlobals.Shorten(key)}'");
        return at + 46 + name + extra + comment;
    }

    private byte[] Bytes(long offset, int length, string what)
    {
        if (offset < 0 || offset > _stream.Length - length)
            throw Damaged($"its {what} lies outside the file: it is truncated");
        var bytes = new byte[length];
        _stream.Position = offset;
        _stream.ReadExactly(bytes);
        return bytes;
    }

    private static WeightFileException Damaged(string why) => new($"The zip archive is damaged: {why}.");

    /// <summary>The extra field in which an entry's sizes stand that do not fit 32 bits, in the order in which they are asked for.</summary>
    private ref struct Zip64Fields
    {
        private ReadOnlySpan<byte> _left = [];

        internal Zip64Fields(ReadOnlySpan<byte> extra)
        {
            while (extra.Length >= 4)
            {
                var (id, length) = (BinaryPrimitives.ReadUInt16LittleEndian(extra), BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]));
                if (4 + length > extra.Length)
                    return;
                if (id == 1)
                    _left = extra.Slice(4, length);
                extra = extra[(4 + length)..];
            }
        }

        internal long Or(uint narrow)
        {
            if (narrow != uint.MaxValue || _left.Length < 8)
                return narrow;
            var value = BinaryPrimitives.ReadInt64LittleEndian(_left);
            _left = _left[8..];
            return value;
        }
    }
}
