using System.Diagnostics;
using System.Formats.Tar;
using Factory.Contracts;
using Factory.Storage.Shards;

namespace Factory.Storage.Tests.Shards;

public sealed class ShardWriterTests
{
    private static readonly ShardSample[] Two =
    [
        new("a1", [ShardBytes.Member("png", "image"), ShardBytes.Member("cls", "0"), ShardBytes.Member("json", "{}")]),
        new("b2", [ShardBytes.Member("cls", "1"), ShardBytes.Member("cond.png", "map"), ShardBytes.Member("json", "{}"), ShardBytes.Member("png", "image")]),
    ];

    [Fact]
    public void Entries_AreSortedAndCarryNothingOfTheMachine()
    {
        using MemoryStream stream = new(ShardBytes.Write(Two));
        using TarReader reader = new(stream);
        List<string> names = [];
        while (reader.GetNextEntry() is UstarTarEntry entry)
        {
            names.Add(entry.Name);
            entry.EntryType.ShouldBe(TarEntryType.RegularFile);
            entry.ModificationTime.ShouldBe(DateTimeOffset.UnixEpoch);
            (entry.Uid, entry.Gid, entry.UserName, entry.GroupName).ShouldBe((0, 0, "", ""));
            ((int)entry.Mode).ShouldBe(0b100_100_100);
        }
        names.ShouldBe(["a1.cls", "a1.json", "a1.png", "b2.cls", "b2.cond.png", "b2.json", "b2.png"]);
    }

    [Fact]
    public void Bytes_FollowFromTheSamplesAlone()
    {
        ShardSample[] otherOrder = [.. Two.Select(sample => sample with { Members = [.. sample.Members.Reverse()] })];
        ShardBytes.Write(otherOrder).ShouldBe(ShardBytes.Write(Two));
        Sha256Digest.Of(ShardBytes.Write(Two)).Hex.ShouldBe("d60393e7e98bf0f6913be1001ac7b653319de21f4a66e35dff8374dfe5cfda4b");
    }

    [Theory]
    [InlineData("a.b")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("A")]
    [InlineData("a\n")]
    [InlineData("é")]
    public void Key_ThatReadersWouldSplitOrSkip_IsRefused(string key) =>
        Should.Throw<ShardFormatException>(() => ShardBytes.Write([new(key, [ShardBytes.Member("cls", "0")])])).Message.ShouldContain(key);

    [Theory]
    [InlineData("PNG")]
    [InlineData("")]
    [InlineData(".png")]
    [InlineData("a..b")]
    [InlineData("a/b")]
    public void Extension_ThatIsNotLowerCaseParts_IsRefused(string extension) =>
        Should.Throw<ShardFormatException>(() => ShardBytes.Write([new("a", [ShardBytes.Member(extension, "0")])]));

    [Fact]
    public void Keys_OutOfOrderOrRepeated_AreRefused()
    {
        ShardMember[] members = [ShardBytes.Member("cls", "0")];
        Should.Throw<ShardFormatException>(() => ShardBytes.Write([new("b", members), new("a", members)]));
        Should.Throw<ShardFormatException>(() => ShardBytes.Write([new("a", members), new("a", members)]));
        Should.Throw<ShardFormatException>(() => ShardBytes.Write([new("a", [.. members, .. members])]));
    }

    [Fact]
    public void SystemTar_ListsTheShard()
    {
        if (!File.Exists("/usr/bin/tar")) Assert.Skip("There is no /usr/bin/tar here.");
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder.Of("a.tar"), ShardBytes.Write(Two));
        using Process tar = Process.Start(new ProcessStartInfo("/usr/bin/tar", ["-tvf", folder.Of("a.tar"), "--utc"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string listing = tar.StandardOutput.ReadToEnd();
        tar.WaitForExit();
        tar.ExitCode.ShouldBe(0);
        listing.ShouldContain("-r--r--r-- 0/0");
        listing.ShouldContain("1970-01-01 00:00 b2.cond.png");
    }
}
