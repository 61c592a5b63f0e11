using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Factory.Synthesis.Networks;
using TorchSharp;

namespace Factory.Synthesis.Tests.Networks;

public sealed class SafeTensorsTests
{
    private static readonly torch.ScalarType[] Types =
    [
        torch.ScalarType.Float64, torch.ScalarType.Float32, torch.ScalarType.Float16, torch.ScalarType.BFloat16, torch.ScalarType.Int64,
        torch.ScalarType.Int32, torch.ScalarType.Int16, torch.ScalarType.Int8, torch.ScalarType.Byte, torch.ScalarType.Bool,
    ];

    [Fact]
    public void WrittenTensors_AreReadBack_WithTypeShapeAndBits() =>
        Gen.Select(Gen.Int[0, Types.Length - 1], Gen.Int[0, 3].Array[0, 4], Gen.ULong).Array[0, 6].Sample(
            specs =>
            {
                using var scope = torch.NewDisposeScope();
                var tensors = specs.Select((s, i) => new NamedTensor($"t{i}", Filled(Types[s.Item1], s.Item2, s.Item3))).ToList();
                using var file = SafeTensors.Read(Bytes(tensors, new Dictionary<string, string> { ["a"] = "é\"\n" }));
                file.Metadata["a"].ShouldBe("é\"\n");
                file.Tensors.Count.ShouldBe(tensors.Count);
                foreach (var (name, tensor) in tensors)
                {
                    file.Tensors[name].dtype.ShouldBe(tensor.dtype);
                    file.Tensors[name].shape.ShouldBe(tensor.shape);
                    if (tensor.numel() > 0)
                        file.Tensors[name].bytes.ToArray().ShouldBe(tensor.bytes.ToArray());
                }
            },
            iter: 100);

    [Fact]
    public void EqualContent_GivesEqualBytes()
    {
        using var scope = torch.NewDisposeScope();
        List<NamedTensor> tensors = [new("a", torch.arange(5)), new("b", torch.ones(2, 3))];
        var one = Bytes(tensors, new Dictionary<string, string> { ["x"] = "1", ["b"] = "2" });
        var two = Bytes(tensors, new Dictionary<string, string> { ["b"] = "2", ["x"] = "1" });
        one.ShouldBe(two);
        (8 + BinaryPrimitives.ReadInt64LittleEndian(one)).ShouldBe((8 + BinaryPrimitives.ReadInt64LittleEndian(one)) / 8 * 8);
    }

    [Fact]
    public void Truncation_AtEveryByte_IsRefused()
    {
        using var scope = torch.NewDisposeScope();
        var bytes = Bytes([new("a", torch.ones(3)), new("b", torch.arange(2))], new Dictionary<string, string> { ["k"] = "v" });
        for (var length = 0; length < bytes.Length; length++)
            Should.Throw<SafeTensorsException>(() => SafeTensors.Read(bytes[..length]), $"length {length}");
        Should.Throw<SafeTensorsException>(() => SafeTensors.Read([.. bytes, 0]));
    }

    [Theory]
    [InlineData("[]", 0, "object")]
    [InlineData("{", 0, "JSON")]
    [InlineData("{\"a\":1}", 0, "dtype")]
    [InlineData("{\"a\":{\"dtype\":\"F31\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "unknown dtype 'F31'")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}", 8, "need 4")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "shape[0]")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 4, "shape[0]")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}", 0, "overflows")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[0,4611686018427387904],\"data_offsets\":[0,0]}}", 0, "overflows")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "holes")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}", 6, "overlap")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2, "JSON")]
    [InlineData("{\"__metadata__\":{\"a\":1}}", 0, "expected a string")]
    [InlineData("{\"\\ud800\":{}}", 0, "JSON")]
    [InlineData("{\"a\":[[[[[[[[[[[]]]]]]]]]]]}", 0, "JSON")]
    public void HostileHeader_IsRefusedByName(string json, int dataBytes, string expected)
    {
        var header = Encoding.UTF8.GetBytes(json);
        var bytes = new byte[8 + header.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, header.Length);
        header.CopyTo(bytes, 8);
        var error = Should.Throw<SafeTensorsException>(() => SafeTensors.Read(bytes));
        error.Message.ShouldContain(expected);
        error.Message.ShouldNotContain("\n");
    }

    [Fact]
    public void OversizedHeader_IsRefusedBeforeAllocating()
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, long.MaxValue);
        Should.Throw<SafeTensorsException>(() => SafeTensors.Read(bytes)).Message.ShouldContain("at most");
        BinaryPrimitives.WriteInt64LittleEndian(bytes, -1);
        Should.Throw<SafeTensorsException>(() => SafeTensors.Read(bytes));
    }

    [Fact]
    public void RandomDamage_NeverEscapesAsAnotherException()
    {
        using var scope = torch.NewDisposeScope();
        var bytes = Bytes([new("a", torch.ones(3)), new("b", torch.arange(2))], new Dictionary<string, string> { ["k"] = "v" });
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte).Array[1, 4].Sample(
            damage =>
            {
                var damaged = bytes.ToArray();
                foreach (var (at, value) in damage)
                    damaged[at] = value;
                try
                {
                    SafeTensors.Read(damaged).Dispose();
                }
                catch (SafeTensorsException)
                {
                    // The only permitted failure.
                }
            },
            iter: 2000);
    }

    [Fact]
    public void RepeatedName_IsRefused()
    {
        using var tensor = torch.ones(1);
        Should.Throw<SafeTensorsException>(() => Bytes([new("a", tensor), new("a", tensor)]));
    }

    private static torch.Tensor Filled(torch.ScalarType type, int[] shape, ulong seed)
    {
        var tensor = torch.zeros([.. shape.Select(s => (long)s)], dtype: type);
        if (tensor.numel() == 0)
            return tensor;
        var rng = new Rng(seed);
        foreach (ref var b in tensor.bytes)
            b = (byte)(type == torch.ScalarType.Bool ? rng.NextInt(2) : rng.NextInt(256));
        return tensor;
    }

    private static byte[] Bytes(IEnumerable<NamedTensor> tensors, Dictionary<string, string>? metadata = null)
    {
        using var stream = new MemoryStream();
        SafeTensors.Write(stream, tensors, metadata);
        return stream.ToArray();
    }
}
