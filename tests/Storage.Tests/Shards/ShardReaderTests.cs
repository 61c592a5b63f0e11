using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using CsCheck;
using Factory.Storage.Shards;

namespace Factory.Storage.Tests.Shards;

public sealed class ShardReaderTests
{
    private static readonly Gen<string> Keys = Gen.String[Gen.Char["abcxyz019_-"], 1, 20].Where(key => !key.StartsWith("__", StringComparison.Ordinal));
    private static readonly Gen<string> Extensions = Gen.Int[0, 4].Select(index => ((string[])["cls", "json", "png", "cond.png", "cam.npy"])[index]);
    private static readonly Gen<ShardSample[]> Shards =
        Gen.Select(Keys, Gen.Select(Extensions, Gen.Byte.Array[0, 1500]).List[1, 4]).List[1, 8].Select(samples => samples
            .DistinctBy(sample => sample.Item1)
            .OrderBy(sample => sample.Item1, StringComparer.Ordinal)
            .Select(sample => new ShardSample(sample.Item1, [.. sample.Item2.DistinctBy(member => member.Item1).OrderBy(member => member.Item1, StringComparer.Ordinal).Select(member => new ShardMember(member.Item1, member.Item2))]))
            .ToArray());

    [Fact]
    public void AnyShard_IsReadBackAsWritten() => Shards.Sample(
        samples => Flatten(ShardBytes.ReadAsync(ShardBytes.Write(samples)).GetAwaiter().GetResult()).SequenceEqual(Flatten(samples)), iter: 300);

    [Fact]
    public void Scan_SaysWhereEveryMemberIs() => Shards.Sample(
        samples =>
        {
            byte[] shard = ShardBytes.Write(samples);
            IEnumerable<string> found = ShardBytes.ScanAsync(shard).GetAwaiter().GetResult()
                .Select(entry => $"{entry.Key}.{entry.Extension}:{Convert.ToHexString(shard, (int)entry.Offset, entry.Length)}");
            return found.SequenceEqual(Flatten(samples));
        },
        iter: 200);

    [Fact]
    public void AnyTruncation_GivesFewerSamplesOrSaysSo() => Gen.Select(Shards, Gen.Double[0, 1]).Sample(
        (samples, part) =>
        {
            byte[] shard = ShardBytes.Write(samples);
            return ReadsPrefixOrRefuses(shard[..(int)(part * (shard.Length - 1))], Flatten(samples).ToList());
        },
        iter: 300);

    [Fact]
    public void AnyDamage_EitherReadsOrSaysWhere() => Gen.Select(Shards, Gen.Double[0, 1], Gen.Byte).Sample(
        (samples, part, value) =>
        {
            byte[] shard = ShardBytes.Write(samples);
            shard[(int)(part * (shard.Length - 1))] = value;
            return ReadsOrRefuses(shard);
        },
        iter: 500);

    [Fact]
    public void Garbage_EitherReadsOrSaysWhere() => Gen.Byte.Array[0, 3000].Sample(ReadsOrRefuses, iter: 300);

    [Fact]
    public void DamagedHeaderWithTrueChecksum_EitherReadsOrSaysWhere() => Gen.Select(Gen.Int[0, 499], Gen.Byte).Sample(
        (at, value) =>
        {
            byte[] shard = ShardBytes.Write([new("a", [ShardBytes.Member("cls", "0")])]);
            shard[at] = value;
            shard.AsSpan(148, 8).Fill((byte)' ');
            int sum = shard.Take(512).Sum(octet => octet);
            Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(shard, 148);
            return ReadsOrRefuses(shard);
        },
        iter: 2000);

    [Theory]
    [InlineData("../etc/passwd.png")]
    [InlineData("/etc/passwd.png")]
    [InlineData("dir/a.png")]
    [InlineData("a\\b.png")]
    [InlineData("nodot")]
    [InlineData(".hidden")]
    public async Task HostileName_IsRefused(string name)
    {
        byte[] shard = ShardBytes.Tar(new UstarTarEntry(TarEntryType.RegularFile, name));
        (await Should.ThrowAsync<ShardFormatException>(() => ShardBytes.ReadAsync(shard))).Member.ShouldBe(name);
        await Should.ThrowAsync<ShardFormatException>(() => ShardBytes.ScanAsync(shard));
    }

    [Fact]
    public async Task LinksFoldersAndDevices_AreRefused()
    {
        TarEntry[] hostile =
        [
            new UstarTarEntry(TarEntryType.SymbolicLink, "a.png") { LinkName = "/etc/passwd" },
            new UstarTarEntry(TarEntryType.HardLink, "a.png") { LinkName = "/etc/passwd" },
            new UstarTarEntry(TarEntryType.Directory, "a.png"),
            new UstarTarEntry(TarEntryType.CharacterDevice, "a.png"),
            new UstarTarEntry(TarEntryType.Fifo, "a.png"),
        ];
        foreach (TarEntry entry in hostile)
        {
            (await Should.ThrowAsync<ShardFormatException>(() => ShardBytes.ReadAsync(ShardBytes.Tar(entry)))).Message.ShouldContain("plain files only");
        }
    }

    [Theory]
    [InlineData("77777777777")]
    [InlineData("00400000001")]
    public async Task SizeBeyondLimit_IsRefusedBeforeMemoryIsTaken(string octal)
    {
        byte[] shard = ShardBytes.Tar(ShardBytes.Entry("a.png", 0));
        Encoding.ASCII.GetBytes(octal).CopyTo(shard, 124);
        int sum = shard.Take(148).Sum(octet => octet) + (8 * ' ') + shard.Skip(156).Take(356).Sum(octet => octet);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(shard, 148);
        await Should.ThrowAsync<ShardFormatException>(() => ShardBytes.ReadAsync(shard));
        await Should.ThrowAsync<ShardFormatException>(() => ShardBytes.ScanAsync(shard));
    }

    [Theory]
    [InlineData('x', "77777777777")]
    [InlineData('g', "77777777777")]
    [InlineData('L', "77777777777")]
    [InlineData('K', "77777777777")]
    [InlineData('x', "10000000000")]
    [InlineData('L', "10000000000")]
    [InlineData('x', "00000200001")]
    [InlineData('S', "00000000001")]
    public async Task ExtendedHeader_IsRefusedBeforeMemoryIsTaken(char type, string octal)
    {
        byte[] shard = ShardBytes.Tar(ShardBytes.Entry("a.png", 0));
        Encoding.ASCII.GetBytes(octal).CopyTo(shard, 124);
        shard[156] = (byte)type;
        int sum = shard.Take(148).Sum(octet => octet) + (8 * ' ') + shard.Skip(156).Take(356).Sum(octet => octet);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(shard, 148);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Task read = ShardBytes.ReadAsync(shard), scan = ShardBytes.ScanAsync(shard);

        // Counted before the first wait: after it the test may go on on another thread, which has a count of its own.
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        (read.IsCompleted, scan.IsCompleted).ShouldBe((true, true), "all of it was done, and counted, on this thread");
        await Should.ThrowAsync<ShardFormatException>(() => read);
        await Should.ThrowAsync<ShardFormatException>(() => scan);
        allocated.ShouldBeLessThan(64 << 20);
    }

    [Fact]
    public async Task ExtendedHeadersOfOrdinarySize_AreRead()
    {
        using MemoryStream stream = new();
        using (TarWriter writer = new(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, new string('a', 150) + ".cls", new Dictionary<string, string> { ["comment"] = new('c', 5000) }) { DataStream = new MemoryStream([48]) });
        }

        (await ShardBytes.ReadAsync(stream.ToArray())).Single().Key.Length.ShouldBe(150);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ContentThatLooksLikeAHeader_IsContent(bool seekable)
    {
        byte[] content = Enumerable.Repeat((byte)'L', 512).ToArray();
        byte[] shard = ShardBytes.Tar(
            new UstarTarEntry(TarEntryType.RegularFile, "__a__") { DataStream = new MemoryStream(content) },
            new UstarTarEntry(TarEntryType.RegularFile, "a.bin") { DataStream = new MemoryStream(content) },
            ShardBytes.Entry("b.png", 5));
        using MemoryStream packed = new();
        await using (DeflateStream packing = new(packed, CompressionLevel.Fastest, leaveOpen: true)) await packing.WriteAsync(shard);
        packed.Position = 0;
        await using Stream stream = seekable ? new MemoryStream(shard) : new DeflateStream(packed, CompressionMode.Decompress);

        List<ShardSample> samples = await ShardReader.ReadAsync(stream, CancellationToken.None).ToListAsync();

        samples.Select(sample => sample.Key).ShouldBe(["a", "b"]);
        samples[0].Members.Single().Content.ToArray().ShouldBe(content);
    }

    [Fact]
    public async Task SkippedMembers_ArePassedOver()
    {
        byte[] shard = ShardBytes.Tar(ShardBytes.Entry("__style__", 700), ShardBytes.Entry("a.cls", 1), ShardBytes.Entry("__x.y__", 1), ShardBytes.Entry("a.png", 9));
        ShardSample sample = (await ShardBytes.ReadAsync(shard)).Single();
        sample.Members.Select(member => member.Extension).ShouldBe(["cls", "png"]);
    }

    private static bool ReadsOrRefuses(byte[] shard)
    {
        try
        {
            ShardBytes.ReadAsync(shard).GetAwaiter().GetResult();
        }
        catch (ShardFormatException)
        {
            // Refused in the terms of a shard: any other exception fails the test.
        }
        return true;
    }

    private static bool ReadsPrefixOrRefuses(byte[] shard, List<string> whole)
    {
        try
        {
            List<string> read = [.. Flatten(ShardBytes.ReadAsync(shard).GetAwaiter().GetResult())];
            return read.Count <= whole.Count && read.SequenceEqual(whole.Take(read.Count));
        }
        catch (ShardFormatException)
        {
            return true;
        }
    }

    private static IEnumerable<string> Flatten(IEnumerable<ShardSample> samples) =>
        samples.SelectMany(sample => sample.Members.Select(member => $"{sample.Key}.{member.Extension}:{Convert.ToHexString(member.Content.Span)}"));
}
