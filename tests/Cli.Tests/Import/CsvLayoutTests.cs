using Factory.Contracts;

namespace Factory.Cli.Tests.Import;

public sealed class CsvLayoutTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task FullTable_GivesLabelSubjectEyeModalityAndSplit()
    {
        for (int picture = 0; picture < 4; picture++) _folder.Draw($"images/{picture}.png", picture);
        _folder.Draw("images/unlisted.png", 9);
        _folder.Write("labels.csv", "path,label,subject,eye,modality,split\n"
            + "images/0.png,Normal,s1,s1-left,Cfp,train\nimages/1.png,Pcv,s2,s2-left,OCT,test\n\"images/2.png\",WetAmd,s3,,cfp,val\nimages/3.png,Normal,,,cfp,train\n");
        var outcome = await _folder.ImportAsync();
        outcome.Version.Layout.ShouldBe("csv");
        outcome.Version.Images.Count.ShouldBe(4);
        outcome.Version.Refused.ShouldBeEmpty();
        var image = TemporaryFolder.Entry(outcome, "images/1.png");
        (image.Label, image.Subject, image.Eye, image.Modality, image.Split).ShouldBe((2, "s2", "s2-left", Modality.Oct, Split.Test));
        TemporaryFolder.Entry(outcome, "images/2.png").Eye.ShouldBeNull();
    }

    [Theory]
    [InlineData("image,level", "10_left,0\n10_right,1\n11_left,0\n", true)]
    [InlineData("id_code,diagnosis", "10_left,0\n10_right,1\n11_left,0\n", true)]
    [InlineData("Image;Retinopathy grade", "10_left.png;0\n10_right.png;1\n11_left.png;0\n", true)]
    [InlineData("path\tlabel\tsubject", "train/10_left.png\t0\ta\ntrain/10_right.png\t1\ta\ntrain/11_left.png\t0\tb\n", false)]
    public async Task KnownTables_AreReadWithoutOptions(string header, string rows, bool idsFromNames)
    {
        _folder.Draw("train/10_left.png", 1);
        _folder.Draw("train/10_right.png", 2);
        _folder.Draw("train/11_left.png", 3);
        _folder.Write("table.csv", header + "\n" + rows);
        var outcome = await _folder.ImportAsync();
        outcome.Version.Images.Select(image => image.Path).ShouldBe(["train/10_left.png", "train/10_right.png", "train/11_left.png"]);
        outcome.Version.Images.Select(image => image.Label).ShouldBe([0, 1, 0]);
        outcome.Version.SplitBasis.ShouldBe("subject");
        if (idsFromNames) outcome.Version.Images.Select(image => image.Subject).ShouldBe(["10", "10", "11"]);
    }

    [Fact]
    public async Task ListedButUnusableFiles_AreRefusedByName()
    {
        _folder.Draw("a.png", 1);
        _folder.Draw("b.png", 2);
        _folder.Draw("x/same.png", 3);
        _folder.Draw("y/same.png", 4);
        _folder.Write("labels.csv", "path,label,modality,split\na.png,0,,\nb.png,1,,\ngone.png,1,,\n../up.png,1,,\n/etc/passwd,1,,\nsame,1,,\n,1,,\n" + "x/same.png,1,xray,\ny/same.png,1,,later\n");
        var outcome = await _folder.ImportAsync();
        outcome.Version.Images.Count.ShouldBe(2);
        TemporaryFolder.ReasonFor(outcome, "gone.png").ShouldBe("missing file: labels.csv, line 4 lists gone.png");
        TemporaryFolder.ReasonFor(outcome, "../up.png").ShouldStartWith("outside the folder: ");
        TemporaryFolder.ReasonFor(outcome, "/etc/passwd").ShouldStartWith("outside the folder: ");
        TemporaryFolder.ReasonFor(outcome, "same").ShouldStartWith("ambiguous name: ");
        TemporaryFolder.ReasonFor(outcome, "labels.csv, line 8").ShouldStartWith("no path: ");
        TemporaryFolder.ReasonFor(outcome, "x/same.png").ShouldBe("unknown modality: 'xray' is neither cfp nor oct");
        TemporaryFolder.ReasonFor(outcome, "y/same.png").ShouldStartWith("unknown split: ");
    }

    [Theory]
    [InlineData("../up.png")]
    [InlineData("a/../../up.png")]
    [InlineData("..\\up.png")]
    [InlineData("/etc/passwd")]
    [InlineData("//etc/passwd")]
    [InlineData("file:///etc/passwd", "missing file")]
    [InlineData("up\0.png")]
    [InlineData("/up\0.png")]
    [InlineData("linked.png")]
    [InlineData("linked")]
    [InlineData("elsewhere/secret.png")]
    public async Task PathThatLeadsOut_IsRefused(string path, string kind = "outside the folder")
    {
        using TemporaryFolder other = new();
        other.Draw("secret.png", 9);
        for (int picture = 0; picture < 2; picture++) _folder.Draw($"{picture}.png", picture);
        File.CreateSymbolicLink(Path.Combine(_folder.Root, "linked.png"), Path.Combine(other.Root, "secret.png"));
        Directory.CreateSymbolicLink(Path.Combine(_folder.Root, "elsewhere"), other.Root);
        _folder.Write("labels.csv", $"path,label\n0.png,a\n1.png,b\n{path},a\n");

        var outcome = await _folder.ImportAsync();

        outcome.Version.Images.Select(image => image.Path).ShouldBe(["0.png", "1.png"]);
        outcome.Version.Refused.ShouldHaveSingleItem().Reason.ShouldStartWith(kind + ": ");
    }

    [Fact]
    public async Task TableTooLargeToHold_IsRefusedUnread()
    {
        _folder.Draw("a.png", 1);
        _folder.Write("labels.csv", "path,label\na.png,x\n");
        await using (FileStream table = File.OpenWrite(Path.Combine(_folder.Root, "labels.csv"))) table.SetLength((256L << 20) + 1);

        (await _folder.RefusedAsync()).ShouldContain("is larger than 256 MiB");
    }

    [Fact]
    public async Task LeftAndRight_NameAnEyeOnlyWithTheSubject()
    {
        for (int picture = 0; picture < 3; picture++) _folder.Draw($"{picture}.png", picture);
        _folder.Write("labels.csv", "path,label,subject,eye\n0.png,a,s1,left\n1.png,b,s2,left\n2.png,b,,right\n");
        var outcome = await _folder.ImportAsync();
        outcome.Version.Images.Select(image => image.Eye).ShouldBe(["s1-left", "s2-left", null]);
        outcome.Notes.ShouldContain(note => note.Contains("names no eye"));
    }

    [Fact]
    public async Task MissingColumns_AreNamedWithThoseFound()
    {
        _folder.Draw("a.png", 1);
        _folder.Write("labels.csv", "picture,label\na.png,x\n");
        string message = await _folder.RefusedAsync();
        message.ShouldContain("no column for the image's path");
        message.ShouldContain("it has: picture, label");
        message.ShouldContain("--path-column");
        _folder.Write("labels.csv", "path,verdict\na.png,x\n");
        (await _folder.RefusedAsync()).ShouldContain("--label-column");
        (await _folder.RefusedAsync(options => options with { Columns = new() { Label = "judgment" } })).ShouldContain("no column 'judgment'; it has: path, verdict");
    }

    [Fact]
    public async Task ColumnsCanBeNamed()
    {
        _folder.Draw("a.png", 1);
        _folder.Draw("b.png", 2);
        _folder.Write("x.csv", "picture,verdict\na.png,x\nb.png,y\n");
        _folder.Write("y.csv", "something,else\n");
        var outcome = await _folder.ImportAsync(with: options => options with { Path = Path.Combine(_folder.Root, "x.csv"), Columns = new() { Path = "picture", Label = "verdict" } });
        outcome.Version.Images.Count.ShouldBe(2);
        (await _folder.RefusedAsync()).ShouldContain("holds 2 .csv files (x.csv, y.csv)");
    }

    [Theory]
    [InlineData("path,label\na.png,x\nb.png,y,z\n", "line 3: 3 fields, but the header has 2")]
    [InlineData("path,label\na.png\n", "line 2: 1 fields, but the header has 2")]
    [InlineData("path,label\na.png,x\"y\"\n", "line 2: a quote")]
    [InlineData("path,label\n\"a.png,x\nb.png,y\n", "line 2")]
    [InlineData("", "is empty")]
    public async Task MalformedRows_AreNamedByLine(string table, string expected)
    {
        _folder.Draw("a.png", 1);
        _folder.Write("labels.csv", table);
        (await _folder.RefusedAsync()).ShouldContain(expected);
    }

    public void Dispose() => _folder.Dispose();
}
