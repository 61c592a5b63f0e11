using Factory.Synthesis.Imaging;

namespace Factory.Cli.Tests.Import;

public sealed class LesionMasksTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public LesionMasksTests()
    {
        for (int picture = 0; picture < 4; picture++) _folder.Draw($"{picture}.png", picture);
    }

    [Fact]
    public async Task MasksThatATableNames_AreBroughtIn_OnlyWhereTheyAreAskedFor()
    {
        Mask("m/0_ex.png", 3);
        Mask("m/0_he.png", 4);
        Mask("m/1_ex.png", 5);
        _folder.Write("labels.csv", "path,label,mask_EX,mask_HE\n0.png,dr,m/0_ex.png,m/0_he.png\n1.png,dr,m/1_ex.png,\n2.png,normal,,\n3.png,normal,,\n");

        var outcome = await _folder.ImportAsync(with: options => options with { Lesions = true });

        TemporaryFolder.Entry(outcome, "0.png").Lesions!.Keys.ShouldBe(["EX", "HE"]);
        TemporaryFolder.Entry(outcome, "1.png").Lesions!.Keys.ShouldBe(["EX"]);
        TemporaryFolder.Entry(outcome, "2.png").Lesions.ShouldBeNull();
        outcome.Version.Refused.ShouldBeEmpty();
        (await _folder.ImportAsync()).Version.Images.ShouldAllBe(image => image.Lesions == null);
    }

    [Fact]
    public async Task OneMask_IsOfTheImagesCategory_AndNoneOfAHealthyEye()
    {
        Mask("m/0.png", 3);
        Mask("m/2.png", 0);
        _folder.Write("labels.csv", "path,label,mask\n0.png,dr,m/0.png\n1.png,dr,\n2.png,normal,m/2.png\n3.png,normal,\n");

        var outcome = await _folder.ImportAsync(with: options => options with { Lesions = true });

        TemporaryFolder.Entry(outcome, "0.png").Lesions!.Keys.ShouldBe(["dr"]);
        outcome.Version.Images.Count(image => image.Lesions is not null).ShouldBe(1);
    }

    [Fact]
    public async Task ImageWhoseMaskCannotBeUsed_IsRefused_ForItWouldPassForOneWithoutLesions()
    {
        Mask("m/small.png", 3, side: 72);
        _folder.Write("m/text.png", "no image");
        _folder.Write("labels.csv", "path,label,mask_EX\n0.png,dr,m/small.png\n1.png,dr,m/text.png\n2.png,dr,m/gone.png\n3.png,dr,../out.png\n4.png,dr,\n5.png,normal,\n");
        _folder.Draw("4.png", 4);
        _folder.Draw("5.png", 5);

        var outcome = await _folder.ImportAsync(with: options => options with { Lesions = true });

        outcome.Version.Images.Select(image => image.Path).ShouldBe(["4.png", "5.png"]);
        TemporaryFolder.ReasonFor(outcome, "0.png").ShouldBe("lesion mask: m/small.png cannot be used: it is 72x72, its image 64x64; a mask is of its image's size");
        TemporaryFolder.ReasonFor(outcome, "1.png").ShouldStartWith("lesion mask: m/text.png cannot be used: ");
        TemporaryFolder.ReasonFor(outcome, "2.png").ShouldBe("lesion mask: missing file: labels.csv, line 4 names the mask m/gone.png");
        TemporaryFolder.ReasonFor(outcome, "3.png").ShouldStartWith("lesion mask: outside the folder: ");
    }

    [Fact]
    public async Task SecondImport_FindsThePreparedMasks()
    {
        Mask("m/0.png", 3);
        _folder.Write("labels.csv", "path,label,mask_EX\n0.png,dr,m/0.png\n1.png,dr,\n2.png,normal,\n3.png,normal,\n");
        MemoryTarget target = new();

        var first = await _folder.ImportAsync(target, options => options with { Lesions = true });
        target.Uploaded = _ => throw new InvalidOperationException("nothing is new");
        var second = await _folder.ImportAsync(target, options => options with { Lesions = true });

        TemporaryFolder.Entry(second, "0.png").Lesions!.ShouldBe(TemporaryFolder.Entry(first, "0.png").Lesions!);
    }

    [Theory]
    [InlineData("path,label\n0.png,dr\n1.png,normal\n", "--lesions: labels.csv has no column mask_KIND, one for each kind of lesion, nor mask; it has: path, label.")]
    [InlineData("path,label,mask_a,mask_a\n0.png,dr,m/0.png,m/0.png\n1.png,normal,,\n2.png,dr,,\n", null)]
    public async Task WhatCannotBeMeant_IsToldInOneLine(string table, string? message)
    {
        Mask("m/0.png", 3);
        _folder.Write("labels.csv", table);
        if (message is not null) (await _folder.RefusedAsync(options => options with { Lesions = true })).ShouldEndWith(message);
        else TemporaryFolder.ReasonFor(await _folder.ImportAsync(with: options => options with { Lesions = true }), "0.png").ShouldBe("lesion mask: m/0.png is a second one of 'a'");
    }

    [Fact]
    public async Task FoldersNameNoMasks()
    {
        _folder.Draw("dr/0.png", 10);
        _folder.Draw("normal/1.png", 11);

        (await _folder.RefusedAsync(options => options with { Lesions = true, Layout = "folders" })).ShouldContain("--lesions needs a table");
    }

    public void Dispose() => _folder.Dispose();

    private void Mask(string path, int rows, int side = 64)
    {
        RgbImage mask = new(side, side);
        mask.Pixels.AsSpan(0, rows * side * 3).Fill(255);
        _folder.Write(path, ImageEncoder.EncodePng(mask));
    }
}
