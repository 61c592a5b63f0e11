using System.Security.Cryptography;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Phantoms;

namespace Factory.Synthesis.Tests.Phantoms;

public sealed class PhantomCollectionTests : IDisposable
{
    private static readonly PhantomCollectionOptions Small = new() { Subjects = 4, Size = 64 };
    private readonly string _root = Directory.CreateTempSubdirectory("phantoms-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Collection_HasImageMaskAndRowForEachEyeAndModality()
    {
        PhantomCollection.Write(Folder("a"), Small).ShouldBe(16);
        var lines = File.ReadAllLines(Path.Combine(Folder("a"), "labels.csv"));
        lines[0].ShouldBe("path,label,subject,eye,modality,mask");
        lines.Length.ShouldBe(17);
        foreach (var cells in lines.Skip(1).Select(line => line.Split(',')))
        {
            ImageDecoder.Decode(File.ReadAllBytes(Path.Combine(Folder("a"), cells[0]))).Width.ShouldBe(64);
            var mask = ImageDecoder.Decode(File.ReadAllBytes(Path.Combine(Folder("a"), cells[5])));
            mask.Pixels.Any(v => v != 0).ShouldBe(cells[1] != "Normal");
        }
        File.ReadAllText(Path.Combine(Folder("a"), "LICENSE.txt")).ShouldContain("CC0");
    }

    [Fact]
    public void Categories_AreBalancedAndSharedByTheModalitiesOfAnEye()
    {
        var specs = PhantomCollection.Specs(new PhantomCollectionOptions());
        specs.Count.ShouldBe(48 * 2 * 2);
        specs.GroupBy(s => s.Category).ShouldAllBe(group => group.Count() == 48);
        specs.GroupBy(s => (s.Subject, s.Eye)).ShouldAllBe(eye => eye.Select(s => s.Category).Distinct().Count() == 1 && eye.Count() == 2);
    }

    [Fact]
    public void SameOptions_GiveTheSameBytes_AgainAndElsewhere()
    {
        PhantomCollection.Write(Folder("a"), Small);
        var first = Digest(Folder("a"));
        PhantomCollection.Write(Folder("a"), Small);
        PhantomCollection.Write(Folder("b"), Small);
        Digest(Folder("a")).ShouldBe(first);
        Digest(Folder("b")).ShouldBe(first);
    }

    [Fact]
    public void InterruptedWrite_IsFinished()
    {
        PhantomCollection.Write(Folder("a"), Small);
        var whole = Digest(Folder("a"));
        File.Delete(Path.Combine(Folder("a"), "labels.csv"));
        Directory.Delete(Path.Combine(Folder("a"), "masks"), recursive: true);
        PhantomCollection.Write(Folder("a"), Small);
        Digest(Folder("a")).ShouldBe(whole);
    }

    [Fact]
    public void FolderOfSomethingElse_IsRefusedAndLeftAlone()
    {
        Directory.CreateDirectory(Folder("a"));
        File.WriteAllText(Path.Combine(Folder("a"), "thesis.txt"), "years of work");
        var refusal = Should.Throw<PhantomDirectoryException>(() => PhantomCollection.Write(Folder("a"), Small));
        refusal.Directory.ShouldBe(Folder("a"));
        Directory.GetFileSystemEntries(Folder("a")).Length.ShouldBe(1);
    }

    [Fact]
    public void CollectionOfOtherOptions_IsRefused()
    {
        PhantomCollection.Write(Folder("a"), Small with { Subjects = 1 });
        Should.Throw<PhantomDirectoryException>(() => PhantomCollection.Write(Folder("a"), Small)).Message.ShouldContain("other options");
    }

    [Fact]
    public void BadOptions_AreRefusedBeforeAnythingIsWritten()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => PhantomCollection.Write(Folder("a"), Small with { Subjects = 0 }));
        Should.Throw<ArgumentException>(() => PhantomCollection.Write(Folder("a"), Small with { Modalities = [PhantomModality.Cfp, PhantomModality.Cfp] }));
        Directory.Exists(Folder("a")).ShouldBeFalse();
    }

    private string Folder(string name) => Path.Combine(_root, name);

    private static string Digest(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(Path.GetRelativePath(folder, path)));
            hash.AppendData(File.ReadAllBytes(path));
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
