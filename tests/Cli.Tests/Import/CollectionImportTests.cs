using System.Text;
using Factory.Cli.Import;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Phantoms;

namespace Factory.Cli.Tests.Import;

public sealed class CollectionImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MemoryTarget _target = new();

    [Fact]
    public async Task SecondImport_DecodesNothing_AndMakesNoVersion()
    {
        Fill(20);
        (await _folder.ImportAsync(_target)).Decoded.ShouldBe(20);
        ImportOutcome second = await _folder.ImportAsync(_target);
        second.Decoded.ShouldBe(0);
        second.Registered.Created.ShouldBeFalse();
        ImportReport.Lines(second).First().ShouldBe("test@1 is the same already; no new version was made");
        _folder.Draw("a/more.png", 100);
        ImportOutcome third = await _folder.ImportAsync(_target);
        third.Decoded.ShouldBe(1);
        third.Registered.Collection.Version.ShouldBe(2);
    }

    [Fact]
    public async Task WhatIsNew_IsAnnouncedBeforeAnythingIsUploaded()
    {
        Fill(4);
        await _folder.ImportAsync(_target);
        int uploads = _target.Blobs.Count;
        _folder.Draw("a/more.png", 100);
        _folder.Draw("a/again.png", 100);
        _folder.Draw("a/another.png", 101);
        List<long> announced = [];
        _target.Announced = import =>
        {
            announced.Add(import.Images);
            throw new CliException("no room");
        };

        (await Should.ThrowAsync<CliException>(() => _folder.ImportAsync(_target))).Message.ShouldBe("no room");

        announced.ShouldBe([2]);
        _target.Blobs.Count.ShouldBe(uploads);
    }

    [Fact]
    public async Task OtherPreprocessing_DecodesAgain_OnlyWhereItMatters()
    {
        Fill(4);
        await _folder.ImportAsync(_target);
        (await _folder.ImportAsync(_target, options => options with { Preprocessing = new() { Median = true } })).Decoded.ShouldBe(0, "a median is for OCT, these are CFP");
        (await _folder.ImportAsync(_target, options => options with { Preprocessing = new() { Clahe = true } })).Decoded.ShouldBe(4);
        (await _folder.ImportAsync(_target, options => options with { Modality = Modality.Oct })).Decoded.ShouldBe(4);
    }

    [Fact]
    public async Task CanceledImport_GoesOnWhereItWas()
    {
        Fill(200);
        using CancellationTokenSource cancel = new();
        _target.Uploaded = count =>
        {
            if (count == 100) cancel.Cancel();
        };
        CollectionImport import = new(_target, _folder.Options);
        await Should.ThrowAsync<OperationCanceledException>(() => import.RunAsync(ImportProgress.None, cancel.Token));
        _target.Versions.ShouldBeEmpty();
        int recorded = _target.Prepared.Count;
        recorded.ShouldBeInRange(90, 110);
        (await _folder.ImportAsync(_target)).Decoded.ShouldBe(200 - recorded);
    }

    [Fact]
    public async Task Pixels_ArePreprocessedInOrder()
    {
        _folder.Draw("cfp/a/1.png", 1, side: 96);
        _folder.Draw("oct/b/2.png", 2, side: 96);
        ImportOutcome outcome = await _folder.ImportAsync(_target, options => options with { Preprocessing = new() { CropFieldOfView = true, Clahe = true, Median = true, Size = 64 } });
        RgbImage cfp = PilResize.Bicubic(Clahe.Apply(FieldOfView.Crop(TemporaryFolder.Picture(1, 96))), 64, 64);
        RgbImage oct = PilResize.Bicubic(MedianFilter.Apply(TemporaryFolder.Picture(2, 96)), 64, 64);
        _target.Blobs[outcome.Version.Images[0].Image.Digest].ShouldBe(ImageEncoder.EncodePng(cfp));
        _target.Blobs[outcome.Version.Images[1].Image.Digest].ShouldBe(ImageEncoder.EncodePng(oct));
        outcome.Version.Images.ShouldAllBe(image => image.Width == 64 && image.Height == 64);
    }

    [Fact]
    public async Task OnePictureUnderTwoLabels_IsRefusedTwice_UnlessTheFirstIsToBeKept()
    {
        Fill(6);
        _folder.Write("b/x.bmp.png", ImageEncoder.EncodePng(TemporaryFolder.Picture(0), ImageMarking.Synthetic));
        ImportOutcome outcome = await _folder.ImportAsync();
        outcome.Version.Images.Count.ShouldBe(5);
        TemporaryFolder.ReasonFor(outcome, "a/0.png").ShouldBe("conflicting labels: labeled a, but b/x.bmp.png is the same picture labeled b");
        TemporaryFolder.ReasonFor(outcome, "b/x.bmp.png").ShouldBe("conflicting labels: labeled b, but a/0.png is the same picture labeled a");
        outcome = await _folder.ImportAsync(with: options => options with { KeepFirstOfConflict = true });
        outcome.Version.Images.Count.ShouldBe(6);
        outcome.Version.Refused.Single().Path.ShouldBe("b/x.bmp.png");
    }

    [Fact]
    public async Task OnePictureTwiceUnderOneLabel_IsKeptOnce()
    {
        Fill(6);
        _folder.Draw("a/again.png", 0);
        ImportOutcome outcome = await _folder.ImportAsync(_target);
        outcome.Decoded.ShouldBe(6);
        outcome.Version.Images.Count.ShouldBe(6);
        TemporaryFolder.ReasonFor(outcome, "a/again.png").ShouldBe("duplicate: same picture as a/0.png, which is kept");
    }

    [Fact]
    public async Task GivenSplitWithOneSubjectOnTwoSides_IsRefusedByName()
    {
        for (int picture = 0; picture < 3; picture++) _folder.Draw($"{picture}.png", picture);
        _folder.Write("labels.csv", "path,label,subject,split\n0.png,a,s1,train\n1.png,b,s2,train\n2.png,b,s1,test\n");
        string message = await _folder.RefusedAsync();
        message.ShouldContain("one subject stands on two sides, 0.png (Train) and 2.png (Test)");
        message.ShouldNotContain("s1");
    }

    [Fact]
    public async Task ReportFile_ListsEveryRefusal()
    {
        Fill(4);
        _folder.Write("a/bad, \"quoted\".png", "no image");
        ImportOutcome outcome = await _folder.ImportAsync();
        string report = Path.Combine(_folder.Root, "report.csv");
        ImportReport.WriteCsv(report, outcome.Version.Refused);
        CsvTable table = CsvTable.Read(report);
        table.Header.ShouldBe(["path", "reason"]);
        table.Rows.Single().Fields[0].ShouldBe("a/bad, \"quoted\".png");
        ImportReport.RefusedLines(outcome.Version.Refused).First().ShouldBe("1 files refused: 1 not an image");
    }

    [Fact]
    public async Task Phantoms_AreImportedAsTheyAreDrawn()
    {
        string phantoms = Path.Combine(_folder.Root, "phantoms");
        int drawn = PhantomCollection.Write(phantoms, new() { Subjects = 6, Size = 64 });
        ImportOutcome outcome = await _folder.ImportAsync(with: options => options with { Path = phantoms });
        outcome.Version.Images.Count.ShouldBe(drawn);
        outcome.Version.Refused.ShouldBeEmpty();
        outcome.Version.Layout.ShouldBe("csv");
        outcome.Version.SplitBasis.ShouldBe("subject");
        outcome.Version.Categories.Matches(CategoryList.Amd).ShouldBeTrue();
    }

    [Fact]
    public async Task PrivateMetadata_NeverLeavesTheFile()
    {
        string[] secrets = ["TESTPATIENT", "99000123", "Testoperator"];
        Fill(2);
        byte[] comment = [0xFF, 0xFE, 0, 17, .. Encoding.ASCII.GetBytes("TESTPATIENT/123")];
        byte[] jpeg = ImageEncoder.EncodeJpeg(TemporaryFolder.Picture(50), 90);
        _folder.Write("a/private.jpg", [.. jpeg[..2], .. comment, .. jpeg[2..]]);
        if (TestData() is { } data) _folder.Write("b/private.jpg", await File.ReadAllBytesAsync(Path.Combine(data, "odd-files", "exif_private_fields.jpg"), TestContext.Current.CancellationToken));
        ImportOutcome outcome = await _folder.ImportAsync(_target);
        outcome.Version.Images.ShouldContain(image => image.Path == "a/private.jpg");
        string said = System.Text.Json.JsonSerializer.Serialize(outcome.Version, ContractJson.Options) + string.Join('\n', ImportReport.Lines(outcome));
        foreach (string secret in secrets)
        {
            said.ShouldNotContain(secret, Case.Sensitive);
            _target.Blobs.Values.ShouldAllBe(blob => !Holds(blob, secret));
        }
    }

    private static bool Holds(byte[] blob, string secret) => blob.AsSpan().IndexOf(Encoding.ASCII.GetBytes(secret)) >= 0 || blob.AsSpan().IndexOf(Encoding.Unicode.GetBytes(secret)) >= 0;

    private static string? TestData() => Environment.GetEnvironmentVariable("FACTORY_TEST_DATA") is { Length: > 0 } folder ? folder : null;

    private void Fill(int images)
    {
        for (int picture = 0; picture < images; picture++) _folder.Draw($"{(picture % 2 == 0 ? "a" : "b")}/{picture}.png", picture);
    }

    public void Dispose() => _folder.Dispose();
}
