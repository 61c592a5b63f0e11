using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Networks;

/// <summary>
/// Reader and writer of the safetensors format: an 8-byte little-endian header length, a JSON header, then raw little-endian data.
/// Equal input gives equal bytes. See https://huggingface.co/docs/safetensors.
/// </summary>
public static class SafeTensors
{
    /// <summary>Writes tensors and metadata to a stream.</summary>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="tensors">The tensors, unique names, on any device. Wider element types are laid out first, so that all data is aligned.</param>
    /// <param name="metadata">Strings to keep under <c>__metadata__</c>, written in ordinal order of their keys.</param>
    /// <exception cref="SafeTensorsException">A name appears twice or is <c>__metadata__</c>, a tensor's type has no dtype here, or the header exceeds 8 MiB.</exception>
    public static void Write(Stream stream, IEnumerable<NamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = tensors.OrderByDescending(t => SafeTensorsHeader.TypeOf(t.Tensor.dtype).Bytes).ToList();
        var header = FormatHeader(ordered, metadata);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var (_, tensor) in ordered)
        {
            if (tensor.numel() == 0)
                continue;
            using var scope = NewDisposeScope();
            stream.Write(tensor.detach().cpu().contiguous().bytes);
        }
    }

    /// <summary>Writes tensors and metadata to a file, replacing it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">As for <see cref="Write(Stream, IEnumerable{NamedTensor}, IReadOnlyDictionary{string, string}?)"/>.</param>
    /// <param name="metadata">As for <see cref="Write(Stream, IEnumerable{NamedTensor}, IReadOnlyDictionary{string, string}?)"/>.</param>
    public static void Write(string path, IEnumerable<NamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var file = File.Create(path);
        Write(file, tensors, metadata);
    }

    /// <summary>Reads a stream from its position to its end.</summary>
    /// <param name="stream">A seekable stream: the length is checked before anything is allocated. Left open.</param>
    /// <returns>The tensors, on the CPU, and the metadata; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The stream cannot seek.</exception>
    /// <exception cref="SafeTensorsException">The content is truncated, has overlaps, holes or trailing bytes, a header over 8 MiB, an unknown dtype, or is not JSON.</exception>
    public static SafeTensorsFile Read(Stream stream)
    {
        if (!stream.CanSeek)
            throw new ArgumentException("Reading safetensors needs a stream that can seek; copy it to a file first.", nameof(stream));
        var header = ReadHeader(stream);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var file = new SafeTensorsFile(tensors, header.Metadata);
        try
        {
            foreach (var entry in header.Entries.OrderBy(e => e.Begin).ThenBy(e => e.End))
                tensors.Add(entry.Name, ReadTensor(stream, entry));
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a whole file held in memory.</summary>
    /// <param name="bytes">The file's bytes.</param>
    /// <returns>As for <see cref="Read(Stream)"/>.</returns>
    public static SafeTensorsFile Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes, writable: false);
        return Read(stream);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>As for <see cref="Read(Stream)"/>.</returns>
    public static SafeTensorsFile Read(string path)
    {
        using var stream = File.OpenRead(path);
        return Read(stream);
    }

    /// <summary>Reads what a file says of itself, and nothing of its data.</summary>
    /// <param name="stream">The file from its beginning; need not seek, and is left after the header.</param>
    /// <param name="bytes">The file's length.</param>
    /// <returns>The <c>__metadata__</c> entries; empty where the file has none.</returns>
    /// <exception cref="SafeTensorsException">The header is malformed, or does not fit that length.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(Stream stream, long bytes) => ReadHeader(stream, bytes).Metadata;

    private static byte[] FormatHeader(List<NamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { SafeTensorsHeader.MetadataKey };
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                writer.WriteStartObject(SafeTensorsHeader.MetadataKey);
                foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
                    writer.WriteString(key, value);
                writer.WriteEndObject();
            }

            long position = 0;
            foreach (var (name, tensor) in tensors)
            {
                if (!names.Add(name))
                    throw new SafeTensorsException($"The tensor name '{name}' is used twice or reserved.");
                position = WriteEntry(writer, name, tensor, position);
            }

            writer.WriteEndObject();
        }

        // Spaces up to a multiple of 8 keep the data aligned when the file is mapped.
        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' ');
        return buffer.Length <= SafeTensorsHeader.MaxBytes
            ? buffer.ToArray()
            : throw new SafeTensorsException($"The header is {buffer.Length} bytes, at most {SafeTensorsHeader.MaxBytes} are written; shorten the metadata.");
    }

    private static long WriteEntry(Utf8JsonWriter writer, string name, Tensor tensor, long begin)
    {
        var (dtype, bytes) = SafeTensorsHeader.TypeOf(tensor.dtype);
        var end = begin + (tensor.numel() * bytes);
        writer.WriteStartObject(name);
        writer.WriteString("dtype", dtype);
        writer.WriteStartArray("shape");
        foreach (var side in tensor.shape)
            writer.WriteNumberValue(side);
        writer.WriteEndArray();
        writer.WriteStartArray("data_offsets");
        writer.WriteNumberValue(begin);
        writer.WriteNumberValue(end);
        writer.WriteEndArray();
        writer.WriteEndObject();
        return end;
    }

    internal static SafeTensorsHeader ReadHeader(Stream stream) => ReadHeader(stream, stream.Length - stream.Position);

    private static SafeTensorsHeader ReadHeader(Stream stream, long available)
    {
        if (available < 8)
            throw new SafeTensorsException($"The file has {available} bytes, a safetensors file at least 8: it is truncated.");
        Span<byte> prefix = stackalloc byte[8];
        stream.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafeTensorsHeader.MaxBytes)
            throw new SafeTensorsException($"The header claims {length} bytes, at most {SafeTensorsHeader.MaxBytes} are read: this is no safetensors file.");
        if ((long)length > available - 8)
            throw new SafeTensorsException($"The header claims {length} bytes, {available - 8} are left: the file is truncated.");
        var json = new byte[length];
        stream.ReadExactly(json);
        return SafeTensorsHeader.Parse(json, available - 8 - (long)length);
    }

    internal static Tensor ReadTensor(Stream stream, SafeTensorsHeader.Entry entry)
    {
        if (entry.End - entry.Begin > int.MaxValue)
            throw new SafeTensorsException($"Tensor '{entry.Name}' has {entry.End - entry.Begin} bytes, at most {int.MaxValue} are read.");
        var tensor = torch.empty(entry.Shape, entry.Type).DetachFromDisposeScope();
        try
        {
            if (entry.End > entry.Begin)
                stream.ReadExactly(tensor.bytes);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }
}
