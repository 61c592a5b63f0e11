using System.Buffers.Binary;
using Factory.Synthesis.Published.Pickle;

namespace Factory.Synthesis.Published;

/// <summary>
/// A file that <c>torch.save</c> wrote before version 1.6, and still does where asked to: pickles of a magic number, the protocol's version, the machine,
/// the object and the storages' keys, then each storage as its number of elements and its bytes.
/// </summary>
internal sealed class LegacyTorchFile : IStorageBytes
{
    private const long Version = 1001;
    private const int MaxStorages = 100_000;
    private readonly Stream _stream;
    private readonly Dictionary<string, (long Start, long Bytes)> _storages = new(StringComparer.Ordinal);

    internal LegacyTorchFile(Stream stream)
    {
        _stream = stream;
        var globals = new StateDictGlobals();
        stream.Position = 0;
        PickleReader.Read(stream, globals);
        if (PickleReader.Read(stream, globals) is not Version)
            throw new WeightFileException($"The file is not of version {Version} of torch's old format: it is damaged.");
        if (PickleReader.Read(stream, globals) is not PickleDictionary machine || machine.Entries.GetValueOrDefault("little_endian") is not true)
            throw new WeightFileException("The checkpoint's numbers are not marked as little-endian, only such ones are read.");
        Value = PickleReader.Read(stream, globals);
        if (PickleReader.Read(stream, globals) is not PickleList { Items.Count: <= MaxStorages } keys || !keys.Items.TrueForAll(key => key is string))
            throw new WeightFileException($"The file does not list its storages, at most {MaxStorages}: it is damaged.");
        Locate([.. keys.Items.Cast<string>()], globals.Storages);
    }

    /// <summary>The first bytes of such a file: protocol 2, then the magic number 0x1950a86a20f9469cfc6c as ten bytes.</summary>
    internal static ReadOnlySpan<byte> Magic => [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    /// <summary>What the pickle holds.</summary>
    internal object? Value { get; }

    // A storage's place follows from the lengths of those before it, and their types stand in the pickle.
    private void Locate(IReadOnlyList<string> keys, IReadOnlyDictionary<string, PickledStorage> named)
    {
        Span<byte> count = stackalloc byte[8];
        foreach (var key in keys)
        {
            if (!named.TryGetValue(key, out var storage))
                throw new WeightFileException($"Storage '{StateDictGlobals.Shorten(key)}' belongs to nothing in the pickle: where the next one begins is unknown.");
            var bytes = storage.ElementBytes;
            if (_stream.Length - _stream.Position < 8)
                throw Truncated(key);
            _stream.ReadExactly(count);
            var elements = BinaryPrimitives.ReadInt64LittleEndian(count);
            if (elements < 0 || elements > (_stream.Length - _stream.Position) / bytes)
                throw Truncated(key);
            if (!_storages.TryAdd(key, (_stream.Position, elements * bytes)))
                throw new WeightFileException($"The file lists storage '{StateDictGlobals.Shorten(key)}' twice: it is damaged.");
            _stream.Position += elements * bytes;
        }
    }

    /// <inheritdoc/>
    public long? Length(string key) => _storages.TryGetValue(key, out var storage) ? storage.Bytes : null;

    /// <inheritdoc/>
    public void Read(string key, long offset, Span<byte> destination)
    {
        _stream.Position = _storages[key].Start + offset;
        _stream.ReadExactly(destination);
    }

    private WeightFileException Truncated(string key) => new($"Storage '{StateDictGlobals.Shorten(key)}' reaches beyond the file's {_stream.Length} bytes: it is truncated.");
}
