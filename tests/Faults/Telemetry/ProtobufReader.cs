using System.Buffers.Binary;
using System.Text;

namespace Factory.Faults.Telemetry;

/// <summary>The fields of one Protocol Buffers message, as far as OTLP needs them.</summary>
internal sealed class ProtobufReader
{
    private const int Varint = 0, Fixed64 = 1, Delimited = 2, Fixed32 = 5;
    private readonly List<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> _fields = [];

    public ProtobufReader(ReadOnlyMemory<byte> message)
    {
        while (message.Length > 0)
        {
            ulong key = Number(ref message);
            (int field, int type) = ((int)(key >> 3), (int)(key & 7));
            switch (type)
            {
                case Varint:
                    _fields.Add((field, Number(ref message), default));
                    break;
                case Fixed64:
                    _fields.Add((field, BinaryPrimitives.ReadUInt64LittleEndian(Take(ref message, 8).Span), default));
                    break;
                case Delimited:
                    _fields.Add((field, 0, Take(ref message, (int)Number(ref message))));
                    break;
                case Fixed32:
                    _fields.Add((field, BinaryPrimitives.ReadUInt32LittleEndian(Take(ref message, 4).Span), default));
                    break;
                default:
                    throw new InvalidDataException($"wire type {type} is none of Protocol Buffers.");
            }
        }
    }

    public IEnumerable<ProtobufReader> Messages(int field) => _fields.Where(each => each.Field == field).Select(each => new ProtobufReader(each.Bytes));

    public bool Has(int field) => _fields.Exists(each => each.Field == field);

    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

    public string Hex(int field) => Convert.ToHexStringLower(Bytes(field));

    public ulong Value(int field) => _fields.Find(each => each.Field == field).Number;

    private ReadOnlySpan<byte> Bytes(int field) => _fields.Find(each => each.Field == field).Bytes.Span;

    private static ulong Number(ref ReadOnlyMemory<byte> message)
    {
        ulong number = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = Take(ref message, 1).Span[0];
            number |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80) return number;
        }
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> message, int count)
    {
        ReadOnlyMemory<byte> taken = message[..count];
        message = message[count..];
        return taken;
    }
}
