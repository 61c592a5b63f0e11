using System.Buffers.Binary;
using System.Text;

namespace Factory.Synthesis.Published.Pickle;

/// <summary>The bytes of one pickle: counted, bounded, and checked for length before anything is allocated.</summary>
internal sealed class PickleBytes(Stream stream, long limit)
{
    private const int LongestLine = 1000;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Bytes read so far.</summary>
    internal long Read { get; private set; }

    internal byte Byte()
    {
        Count(1);
        var value = stream.ReadByte();
        return value >= 0 ? (byte)value : throw Truncated();
    }

    internal ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2));

    internal uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    internal double Double() => BinaryPrimitives.ReadDoubleBigEndian(Bytes(8));

    /// <summary>A whole number of some bytes; what exceeds 64 bits is read over.</summary>
    internal object Long(int length)
    {
        var bytes = Bytes(length);
        if (length > 8)
            return PickleIgnored.Instance;
        var value = length > 0 && bytes[^1] >= 0x80 ? -1L : 0L;
        for (var i = length - 1; i >= 0; i--)
            value = (value << 8) | bytes[i];
        return value;
    }

    internal string Text(long length)
    {
        try
        {
            return Utf8.GetString(Bytes(length));
        }
        catch (DecoderFallbackException e)
        {
            throw new WeightFileException($"The pickle is malformed at byte {Read}: a text is not UTF-8.", e);
        }
    }

    /// <summary>A text up to a line feed, which is not part of it.</summary>
    internal string Line()
    {
        var line = new StringBuilder();
        for (var value = Byte(); value != '\n'; value = Byte())
        {
            if (line.Length == LongestLine)
                throw new WeightFileException($"The pickle is malformed at byte {Read}: a name is longer than {LongestLine} bytes.");
            line.Append(value < 0x80 ? (char)value : '?');
        }

        return line.ToString();
    }

    internal void Skip(int length) => Bytes(length);

    private byte[] Bytes(long length)
    {
        Count(length);
        if (length > stream.Length - stream.Position)
            throw Truncated();
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private void Count(long length)
    {
        Read += length;
        if (Read > limit)
            throw new WeightFileException($"The pickle is longer than {limit} bytes: it is no state dict of a network.");
    }

    private WeightFileException Truncated() => new($"The pickle ends after {stream.Length} bytes of the file, in the middle: it is truncated.");
}
