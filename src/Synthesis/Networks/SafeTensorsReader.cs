using static TorchSharp.torch;

namespace Factory.Synthesis.Networks;

/// <summary>One safetensors file, read here and there: the header at once, tensors when they are asked for, so that many large files can be gone through side by side.</summary>
public sealed class SafeTensorsReader
{
    private readonly Stream _stream;
    private readonly long _data;
    private readonly Dictionary<string, SafeTensorsHeader.Entry> _entries;

    /// <summary>Reads the header.</summary>
    /// <param name="stream">The file from its position on; a stream that can seek, left open, and read by this object alone.</param>
    /// <exception cref="ArgumentException">The stream cannot seek.</exception>
    /// <exception cref="SafeTensorsException">The header is malformed, or does not fit the stream's length.</exception>
    public SafeTensorsReader(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanSeek)
            throw new ArgumentException("Reading safetensors needs a stream that can seek; copy it to a file first.", nameof(stream));
        _stream = stream;
        var header = SafeTensors.ReadHeader(stream);
        _data = stream.Position;
        Metadata = header.Metadata;
        _entries = header.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    /// <summary>The <c>__metadata__</c> entries in ordinal order of their keys; empty where the file has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Names of the tensors.</summary>
    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>Reads one tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The tensor on the CPU; the caller disposes it.</returns>
    /// <exception cref="SafeTensorsException">There is none of that name, or it exceeds 2 GiB.</exception>
    public Tensor Read(string name)
    {
        if (!_entries.TryGetValue(name, out var entry))
            throw new SafeTensorsException($"The file has no tensor '{name}'.");
        _stream.Position = _data + entry.Begin;
        return SafeTensors.ReadTensor(_stream, entry);
    }

    /// <summary>Reads the tensors whose names start with a prefix, and no others.</summary>
    /// <param name="prefix">The prefix, such as <c>weights/</c>.</param>
    /// <returns>Them under their names without it, with the file's metadata; the caller disposes it.</returns>
    public SafeTensorsFile ReadUnder(string prefix)
    {
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var file = new SafeTensorsFile(tensors, new SortedDictionary<string, string>(Metadata.ToDictionary(), StringComparer.Ordinal));
        try
        {
            foreach (var entry in _entries.Values.Where(entry => entry.Name.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(entry => entry.Begin))
                tensors.Add(entry.Name[prefix.Length..], Read(entry.Name));
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
