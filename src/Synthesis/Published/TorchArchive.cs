using Factory.Synthesis.Published.Pickle;

namespace Factory.Synthesis.Published;

/// <summary>
/// A zip archive that <c>torch.save</c> or <c>torch.jit.save</c> wrote: <c>NAME/data.pkl</c>, and the storages as <c>NAME/data/KEY</c>.
/// Source: https://pytorch.org/docs/stable/notes/serialization.html.
/// </summary>
internal sealed class TorchArchive : IStorageBytes
{
    private const string Root = "/data.pkl";
    private readonly StoredZip _zip;
    private readonly string _folder;

    internal TorchArchive(Stream stream)
    {
        _zip = new StoredZip(stream);
        var roots = _zip.Names.Where(name => name.EndsWith(Root, StringComparison.Ordinal) && name.IndexOf('/', StringComparison.Ordinal) == name.Length - Root.Length).ToList();
        _folder = roots.Count == 1 ? roots[0][..^Root.Length] : throw new WeightFileException($"The zip archive holds {roots.Count} entries NAME{Root}, expected one: it is no checkpoint of torch.");
        Script = _zip.Names.Any(name => name == $"{_folder}/constants.pkl" || name.StartsWith($"{_folder}/code/", StringComparison.Ordinal));
    }

    /// <summary>Whether it is a TorchScript archive.</summary>
    internal bool Script { get; }

    /// <summary>What the pickle holds.</summary>
    internal object? Load()
    {
        if (Small($"{_folder}/byteorder") is { } order && !order.AsSpan().SequenceEqual("little"u8))
            throw new WeightFileException("The checkpoint's numbers are big-endian, only little-endian ones are read.");
        using var pickle = new MemoryStream(Small(_folder + Root)!, writable: false);
        return PickleReader.Read(pickle, new StateDictGlobals { Script = Script });
    }

    /// <inheritdoc/>
    public long? Length(string key) => _zip.Length($"{_folder}/data/{key}");

    /// <inheritdoc/>
    public void Read(string key, long offset, Span<byte> destination) => _zip.Read($"{_folder}/data/{key}", offset, destination);

    private byte[]? Small(string name)
    {
        if (_zip.Length(name) is not { } length)
            return null;
        if (length > PickleReader.MaxBytes)
            throw new WeightFileException($"Entry '{StateDictGlobals.Shorten(name)}' has {length} bytes, at most {PickleReader.MaxBytes} are read: it is no state dict of a network.");
        var bytes = new byte[length];
        _zip.Read(name, 0, bytes);
        return bytes;
    }
}
