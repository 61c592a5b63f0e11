using System.Buffers.Binary;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Published.Pickle;
using static TorchSharp.torch;

namespace Factory.Synthesis.Published;

/// <summary>
/// A file of weights, whoever wrote it: safetensors, a state dict of <c>torch.save</c> (zip or the older form), or a TorchScript archive. Opening it
/// reads names and shapes only; nothing in it is ever run. Owns the stream.
/// </summary>
public sealed class WeightFile : IDisposable
{
    /// <summary>The largest file that is read, in bytes: 8 GiB.</summary>
    public const long MaxBytes = 8L << 30;

    private const int MaxTensors = 100_000;
    private readonly Stream _stream;
    private readonly Dictionary<string, Func<Tensor>> _readers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WeightEntry> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _others = [];

    private WeightFile(Stream stream) => _stream = stream;

    /// <summary>How the file is written: <c>safetensors</c>, <c>torch</c>, <c>torch-legacy</c> or <c>torchscript</c>.</summary>
    public string Format { get; private set; } = "";

    /// <summary>Type and shape of each tensor by name.</summary>
    public IReadOnlyDictionary<string, WeightEntry> Entries => _entries;

    /// <summary>Names of what stands among the tensors and is none.</summary>
    public IReadOnlyList<string> Others => _others;

    /// <summary>The <c>__metadata__</c> of a safetensors file; empty for others.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; private set; } = new Dictionary<string, string>();

    /// <summary>Opens a file of weights.</summary>
    /// <param name="path">The file, at most <see cref="MaxBytes"/>.</param>
    /// <returns>Its names and shapes; the caller disposes it.</returns>
    /// <exception cref="WeightFileException">It is damaged, truncated, too large, of another format, or names what no state dict needs.</exception>
    public static WeightFile Open(string path) => Open(File.OpenRead(path));

    /// <summary>Opens weights in a stream.</summary>
    /// <param name="stream">A stream that can seek, read from its beginning; disposed with the result, and where opening fails.</param>
    /// <returns>As for <see cref="Open(string)"/>.</returns>
    /// <exception cref="WeightFileException">As for <see cref="Open(string)"/>.</exception>
    public static WeightFile Open(Stream stream)
    {
        var file = new WeightFile(stream);
        try
        {
            file.ReadEntries();
            return file;
        }
        catch (SafeTensorsException e)
        {
            file.Dispose();
            throw new WeightFileException(e.Message, e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads one tensor.</summary>
    /// <param name="name">A key of <see cref="Entries"/>.</param>
    /// <returns>The tensor on the CPU, contiguous, of its own type; the caller, or its dispose scope, disposes it.</returns>
    /// <exception cref="WeightFileException">It is larger than what is read, or the file is truncated.</exception>
    public Tensor Read(string name) => _readers[name]();

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();

    private void ReadEntries()
    {
        if (_stream.Length > MaxBytes)
            throw new WeightFileException($"The file has {_stream.Length} bytes, at most {MaxBytes} are read.");
        Span<byte> head = stackalloc byte[14];
        _stream.Position = 0;
        head = head[.._stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        if (head.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(head) == 0x04034b50)
            ReadArchive();
        else if (head.SequenceEqual(LegacyTorchFile.Magic))
            ReadLegacy();
        else if (head.Length >= 9 && head[8] == '{')
            ReadSafeTensors();
        else
            throw new WeightFileException(head is [0x80, ..]
                ? "The file is a pickle, but not of torch.save: it is no checkpoint."
                : "The file is no checkpoint: it is neither safetensors nor a .pth file of torch, or its beginning is cut or damaged.");
    }

    private void ReadSafeTensors()
    {
        Format = "safetensors";
        _stream.Position = 0;
        var header = SafeTensors.ReadHeader(_stream);
        var start = _stream.Position;
        Metadata = header.Metadata;
        foreach (var entry in header.Entries)
        {
            Add(entry.Name, new WeightEntry(entry.Type, entry.Shape), () =>
            {
                _stream.Position = start + entry.Begin;
                return SafeTensors.ReadTensor(_stream, entry);
            });
        }
    }

    private void ReadArchive()
    {
        var archive = new TorchArchive(_stream);
        Format = archive.Script ? "torchscript" : "torch";
        AddPickled(archive.Load(), archive);
    }

    private void ReadLegacy()
    {
        Format = "torch-legacy";
        var file = new LegacyTorchFile(_stream);
        AddPickled(file.Value, file);
    }

    private void AddPickled(object? value, IStorageBytes storages)
    {
        foreach (var (name, entry) in PickledStateDict.Find(value))
        {
            if (entry is not PickledTensor tensor)
            {
                _others.Add(name);
                continue;
            }

            var (needed, actual) = (tensor.Storage.Elements, storages.Length(tensor.Storage.Key) / tensor.Storage.ElementBytes);
            if (!(actual >= needed))
                throw new WeightFileException($"Tensor '{StateDictGlobals.Shorten(name)}' needs a storage of {needed} elements, the file has {actual ?? 0}: it is truncated or damaged.");
            Add(name, new WeightEntry(tensor.Storage.Type, tensor.Shape), () => StoredTensor.Read(name, tensor, storages));
        }
    }

    private void Add(string name, WeightEntry entry, Func<Tensor> reader)
    {
        if (_entries.Count == MaxTensors)
            throw new WeightFileException($"The file has more than {MaxTensors} tensors: refused.");
        _entries.Add(name, entry);
        _readers.Add(name, reader);
    }
}

/// <summary>What a file says of a tensor.</summary>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its sides; empty for a single number.</param>
public sealed record WeightEntry(ScalarType Type, IReadOnlyList<long> Shape);
