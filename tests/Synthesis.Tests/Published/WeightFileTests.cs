using System.IO.Compression;
using System.Text;
using CsCheck;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Published;

namespace Factory.Synthesis.Tests.Published;

public sealed class WeightFileTests
{
    // Protocol 2, an empty dictionary, and a mark for its entries.
    private const string Begin = "\x80\x02}(";
    private const string Storage = "(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\00X\x03\0\0\0cpuK\x0ctQ";
    private const string Rebuild = "X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n";

    [Theory]
    [InlineData("hostile.pth", "'posix.system'")]
    [InlineData("hostile_legacy.pth", "'posix.system'")]
    [InlineData("whole_module.pth", "'torch.nn.modules.linear.Linear'")]
    public void NameThatNoStateDictNeeds_IsRefusedByName(string file, string name) => Refused(Fixtures.Bytes(file)).ShouldContain(name);

    [Theory]
    [InlineData("resnet18.pth", "torch", 122)]
    [InlineData("resnet18_parallel_half_legacy.pth", "torch-legacy", 122)]
    [InlineData("resnet18_script.pt", "torchscript", 122)]
    [InlineData("instance_net_G.pth", "torch-legacy", 20)]
    public void FormatIsTold(string file, string format, int tensors)
    {
        using var opened = WeightFile.Open(Fixtures.PathOf(file));
        (opened.Format, opened.Entries.Count, opened.Others.Count).ShouldBe((format, tensors, 0));
    }

    [Theory]
    [InlineData("", "no checkpoint")]
    [InlineData("hello, this is a thesis", "no checkpoint")]
    [InlineData("\x80\x02}.", "not of torch.save")]
    public void WhatIsNoCheckpoint_IsRefused(string content, string expected) => Refused(Encoding.Latin1.GetBytes(content)).ShouldContain(expected);

    [Theory]
    [InlineData("\x80\u0002cbuiltins\neval\n.", "'builtins.eval'")]
    [InlineData("\x80\x04\x8c\x02os\x8c\x06system\x93.", "'os.system'")]
    [InlineData("\x80\u0002c__torch__.evil\nModule\n.", "'__torch__.evil.Module'")]
    [InlineData("\x80\x02(ios\nsystem\n.", "instruction 0x69")]
    [InlineData("\x80\x02(S'id'\n.", "instruction 0x53")]
    [InlineData("\x80\x02\x82\x01.", "instruction 0x82")]
    [InlineData("\x80\x00}.", "protocol 2")]
    [InlineData("\x80\x02]a.", "stack is empty")]
    [InlineData("\x80\x02t.", "mark is missing")]
    [InlineData("\x80\x02h\x07.", "entry 7")]
    [InlineData("\x80\x02X\xff\xff\xff\x7f.", "longer than 16777216")]
    [InlineData("\x80\x02X\xff\xff\0\0.", "truncated")]
    [InlineData("\x80\x02X\x02\0\0\0\xff\xfe.", "not UTF-8")]
    [InlineData("\x80\x02K\x01.", "holds 1, expected a dictionary")]
    [InlineData("\x80\x02}.", "nothing")]
    [InlineData(Begin + "X\x05\0\0\0epochK\x01u.", "'epoch'")]
    [InlineData(Begin + Rebuild + "(" + Storage + "K\0K\x0d\x85K\x01\x85\x89)tRu.", "needs element 12")]
    [InlineData(Begin + Rebuild + "(" + Storage + "K\x0cK\x01\x85K\x01\x85\x89)tRu.", "needs element 12")]
    [InlineData(Begin + Rebuild + "(" + Storage + "K\0K\xff\x85K\0\x85\x89)tRu.", "do not overlap")]
    [InlineData(Begin + Rebuild + "(" + Storage + "K\0K\x03K\x03\x86K\x01K\x01\x86\x89)tRu.", "do not overlap")]
    [InlineData(Begin + Rebuild + "(" + Storage + "K\0K\x02\x85\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85\x89)tRu.", "needs element")]
    [InlineData(Begin + Rebuild + "(" + Storage + "K\x01K\x03\x85\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85\x89)tRu.", "overflows")]
    [InlineData(Begin + Rebuild + "(" + Storage + "K\0J\xff\xff\xff\xff\x85K\x01\x85\x89)tRu.", "size holds -1")]
    [InlineData(Begin + Rebuild + "(" + Storage + "K\0K\x0c\x85K\x01\x85\x89)tRu.", "needs a storage of 12 elements, the file has 2")]
    public void HostilePickle_IsRefusedInALine(string pickle, string expected) =>
        Refused(Archive(("archive/data.pkl", Encoding.Latin1.GetBytes(pickle)), ("archive/data/0", new byte[8]))).ShouldContain(expected);

    [Fact]
    public void PickleWithoutEnd_IsRefused()
    {
        Refused(Archive(("a/data.pkl", [0x80, 2, .. Enumerable.Repeat((byte)']', 2_000_000)]))).ShouldContain("more than 1000000 instructions");
        Refused(Archive(("a/data.pkl", new byte[17 << 20]))).ShouldContain("at most 16777216");
    }

    [Fact]
    public void ScriptThatHoldsItself_IsRefused()
    {
        // An object whose attributes a and b are itself: a tree without end, twice as wide at every depth.
        var pickle = Encoding.Latin1.GetBytes("\x80\u0002c__torch__\nM\n)\x81q\0}(X\x01\0\0\0ah\0X\x01\0\0\0bh\0ub.");
        Refused(Archive(("a/data.pkl", pickle), ("a/constants.pkl", [0x80, 2, (byte)')', (byte)'.']))).ShouldContain("deep");
    }

    [Fact]
    public void ZipBomb_IsRefused()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("archive/data.pkl", CompressionLevel.SmallestSize).Open();
            for (var i = 0; i < 64; i++)
                entry.Write(new byte[1 << 20]);
        }

        Refused(stream.ToArray()).ShouldContain("compressed");
    }

    [Theory]
    [InlineData("batch_net_G.pth")]
    [InlineData("instance_net_G.pth")]
    public void Truncation_IsRefused(string fixture)
    {
        var bytes = Fixtures.Bytes(fixture);
        for (var length = 0; length < bytes.Length; length += 1 + (bytes.Length / 400))
            Refused(bytes[..length]);
    }

    // The seed is printed by CsCheck where it fails.
    [Theory]
    [InlineData("batch_net_G.pth")]
    [InlineData("instance_net_G.pth")]
    [InlineData("resnet18_script.pt")]
    [InlineData("hostile.pth")]
    [InlineData("hostile_legacy.pth")]
    public void Damage_NeverEscapesAsAnotherException(string fixture)
    {
        var bytes = Fixtures.Bytes(fixture);
        // Half of the damage where the structure is: in the first bytes and the last.
        var place = Gen.OneOf(Gen.Int[0, bytes.Length - 1], Gen.Int[0, Math.Min(2000, bytes.Length - 1)], Gen.Int[Math.Max(0, bytes.Length - 2000), bytes.Length - 1]);
        Gen.Select(place, Gen.Byte).Array[1, 6].Sample(
            damage =>
            {
                var damaged = bytes.ToArray();
                foreach (var (at, value) in damage)
                    damaged[at] = value;
                ReadAll(damaged);
            },
            iter: 1500,
            threads: 1);
    }

    [Fact]
    public void RandomPickles_NeverEscapeAsAnotherException()
    {
        byte[] opcodes = [.. "(.01GJKMNQRTUXabcehjl]qrstu)}"u8, 0x80, 0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x93, 0x94, 0x95];
        var instruction = Gen.OneOf(Gen.Int[0, opcodes.Length - 1].Select(i => opcodes[i]), Gen.Byte);
        instruction.Array[0, 60].Sample(code => ReadAll(Archive(("a/data.pkl", [0x80, 2, .. code]), ("a/constants.pkl", []))), iter: 5000, threads: 1);
    }

    private static string Refused(byte[] bytes)
    {
        var message = Should.Throw<WeightFileException>(() => WeightFile.Open(new MemoryStream(bytes)).Dispose()).Message;
        message.ShouldNotContain("\n");
        message.Length.ShouldBeLessThan(500);
        return message;
    }

    private static void ReadAll(byte[] bytes)
    {
        try
        {
            using var file = WeightFile.Open(new MemoryStream(bytes));
            foreach (var name in file.Entries.Keys)
                file.Read(name).Dispose();
            PublishedWeights.Recognize(file);
        }
        catch (Exception e) when (e is WeightFileException or CheckpointException)
        {
            e.Message.ShouldNotContain("\n");
        }
    }

    private static byte[] Archive(params (string Name, byte[] Content)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }
}
