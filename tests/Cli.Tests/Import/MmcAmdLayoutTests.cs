using Factory.Cli.Import;
using Factory.Contracts;
using Factory.Contracts.Api;

namespace Factory.Cli.Tests.Import;

public sealed class MmcAmdLayoutTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task ImageSets_GiveLabelEyeSubjectModalityAndSplit()
    {
        Publish();
        var outcome = await _folder.ImportAsync();
        outcome.Version.Layout.ShouldBe("mmc-amd");
        outcome.Version.SplitBasis.ShouldBe("given");
        outcome.Version.Categories.Matches(CategoryList.Amd).ShouldBeTrue();
        CollectionImageEntry oct = Entry(outcome, "o-w-27662-l_003");
        (oct.Label, oct.Modality, oct.Split, oct.Subject, oct.Eye).ShouldBe((3, Modality.Oct, Split.Train, "w-27662", "w-27662-l"));
        CollectionImageEntry cfp = Entry(outcome, "f-h-1");
        (cfp.Label, cfp.Modality, cfp.Split, cfp.Subject, cfp.Eye).ShouldBe((0, Modality.Cfp, Split.Test, null, "h-1"));
        outcome.Version.Refused.Select(file => file.Reason.Split(':')[0]).Order().ShouldBe(["contradicting labels", "missing file", "not listed"]);
    }

    [Fact]
    public async Task OneEyeInTwoImageSets_IsRefusedByName()
    {
        Publish();
        _folder.Draw("mmc-amd/ImageData/oct-median3x3-448x448/o-w-27662-l_009.png", 20);
        _folder.Write("mmc-amd-splitA-val/ImageSets/oct.txt", "o-w-27662-l_009\n");
        string message = await _folder.RefusedAsync();
        message.ShouldContain("the given split leaks: one eye stands on two sides");
        message.ShouldContain("o-w-27662-l_003.png (Train)");
        message.ShouldContain("o-w-27662-l_009.png (Validation)");
        (await _folder.ImportAsync(with: options => options with { Split = new() { Basis = "subject" } })).Version.SplitBasis.ShouldBe("subject");
    }

    [Fact]
    public async Task PairedImages_AreOfOneEye_AndWithThemTheirEyesOtherImages()
    {
        Publish();
        foreach (string id in new[] { "o-w-31-r_001", "o-w-31-r_002" }) _folder.Draw($"mmc-amd/ImageData/oct-median3x3-448x448/{id}.png", id[^1]);
        _folder.Write("mmc-amd-splitA-test/ImageSets/oct.txt", "o-w-31-r_001\no-w-31-r_002\n");
        _folder.Write("mmc-amd-splitA-test/ImageSets/mm.txt", "f-w-2 o-w-31-r_001\n");
        var outcome = await _folder.ImportAsync();
        foreach (string id in new[] { "f-w-2", "o-w-31-r_001", "o-w-31-r_002" }) Entry(outcome, id).Eye.ShouldBe("w-2");
        Entry(outcome, "f-h-1").Eye.ShouldBe("h-1");
    }

    [Theory]
    [InlineData("f-w-1544817", "w-1544817")]
    [InlineData("o-w-27662-l_003", "w-27662-l")]
    [InlineData("o-w-27662-l_003-flr", "w-27662-l")]
    [InlineData("f-h-12-trs", "h-12")]
    public void EyeIsReadFromTheId(string id, string eye) => MmcAmdLayout.EyeOf(id).ShouldBe(eye);

    private void Publish()
    {
        string[] oct = ["o-w-27662-l_003", "o-p-5-r_001", "o-d-7-l_001"], cfp = ["f-h-1", "f-w-2"];
        for (int index = 0; index < oct.Length; index++) _folder.Draw($"mmc-amd/ImageData/oct-median3x3-448x448/{oct[index]}.png", index);
        for (int index = 0; index < cfp.Length; index++) _folder.Draw($"mmc-amd/ImageData/cfp-clahe-448x448/{cfp[index]}.png", 10 + index);
        _folder.Draw("mmc-amd/ImageData/cfp-clahe-448x448/f-p-99.png", 15);
        _folder.Write("mmc-amd-splitA-train/ImageSets/oct.txt", string.Join('\n', oct) + "\n");
        _folder.Write("mmc-amd-splitA-train/annotations/oct.txt", "o-w-27662-l_003 x 3\no-p-5-r_001 x 2\no-d-7-l_001 x 3\n");
        _folder.Write("mmc-amd-splitA-train/SubjectSets/oct.txt", "w-27662\np-5\n");
        _folder.Write("mmc-amd-splitA-test/ImageSets/cfp.txt", "f-h-1\nf-w-2\nf-w-404\n");
        _folder.Write("mmc-amd-splitA-test/annotations/cfp.txt", "f-h-1 0\nf-w-2 3\n");
    }

    private static CollectionImageEntry Entry(ImportOutcome outcome, string id) => outcome.Version.Images.Single(image => Path.GetFileNameWithoutExtension(image.Path) == id);

    public void Dispose() => _folder.Dispose();
}
