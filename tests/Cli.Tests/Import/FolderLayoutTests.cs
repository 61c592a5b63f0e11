using Factory.Cli.Import;
using Factory.Contracts;

namespace Factory.Cli.Tests.Import;

public sealed class FolderLayoutTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task FoldersNamedLikeAmd_GetTheAmdCategories()
    {
        _folder.Draw("wet-amd/a.png", 1);
        _folder.Draw("normal/b.png", 2);
        _folder.Draw("D/c.png", 3);
        var outcome = await _folder.ImportAsync();
        outcome.Version.Categories.Matches(CategoryList.Amd).ShouldBeTrue();
        outcome.Version.Images.Select(image => image.Label).ShouldBe([1, 0, 3]);
        outcome.Version.Layout.ShouldBe("folders");
    }

    [Fact]
    public void FolderThatVanishesWhileItIsRead_IsToldInALine()
    {
        string message = Should.Throw<CliException>(() => new SourceFolder(_folder.Root).Images(new(), "gone")).Message;

        message.ShouldEndWith("gone was there and is gone while the folder is read; import again when nothing changes it any more.");
    }

    [Fact]
    public async Task OtherFolders_AreCategoriesInOrder_WithTheHealthyOneAsBackground()
    {
        _folder.Draw("glaucoma/a.png", 1);
        _folder.Draw("healthy/b.png", 2);
        _folder.Draw("cataract/c.png", 3);
        var outcome = await _folder.ImportAsync();
        outcome.Version.Categories.Names.ShouldBe(["cataract", "glaucoma", "healthy"]);
        outcome.Version.Categories.Background.ShouldBe(2);
    }

    [Fact]
    public async Task WithoutAHealthyName_TheFirstIsBackground_AndANoteSaysSo()
    {
        _folder.Draw("b/a.png", 1);
        _folder.Draw("a/b.png", 2);
        var outcome = await _folder.ImportAsync();
        outcome.Version.Categories.Background.ShouldBe(0);
        outcome.Notes.ShouldContain(note => note.Contains("a is taken as the background"));
    }

    [Fact]
    public async Task ModalityAndSplitFolders_AreNoCategories()
    {
        _folder.Draw("train/oct/normal/a.png", 1);
        _folder.Draw("train/amd/cfp/b.png", 2);
        _folder.Draw("test/normal/c.png", 3);
        _folder.Draw("val/oct/amd/d.png", 4);
        var outcome = await _folder.ImportAsync();
        outcome.Version.SplitBasis.ShouldBe("given");
        outcome.Version.Categories.Names.ShouldBe(["amd", "normal"]);
        TemporaryFolder.Entry(outcome, "train/oct/normal/a.png").Modality.ShouldBe(Modality.Oct);
        TemporaryFolder.Entry(outcome, "train/amd/cfp/b.png").Modality.ShouldBe(Modality.Cfp);
        TemporaryFolder.Entry(outcome, "val/oct/amd/d.png").Split.ShouldBe(Split.Validation);
    }

    [Fact]
    public async Task FilesThatAreNoImages_AreListedIfTheirNameSaysTheyAre()
    {
        _folder.Draw("a/a.png", 1);
        _folder.Draw("b/b.png", 2);
        _folder.Draw("loose.png", 3);
        _folder.Write("a/notes.txt", "text");
        _folder.Write("a/empty.jpg", []);
        _folder.Write("b/text.png", "text, not an image");
        _folder.Draw("b/tiny.png", 4, side: 20);
        var outcome = await _folder.ImportAsync();
        outcome.Version.Images.Count.ShouldBe(2);
        outcome.Version.Refused.Select(file => file.Path).ShouldBe(["a/empty.jpg", "b/text.png", "b/tiny.png", "loose.png"]);
        TemporaryFolder.ReasonFor(outcome, "b/text.png").ShouldStartWith("not an image: ");
        TemporaryFolder.ReasonFor(outcome, "b/tiny.png").ShouldStartWith("too small: ");
        TemporaryFolder.ReasonFor(outcome, "loose.png").ShouldStartWith("no label: ");
    }

    [Fact]
    public async Task LinksThatLeaveTheFolder_AreRefused()
    {
        using TemporaryFolder other = new();
        other.Draw("secret.png", 9);
        _folder.Draw("a/a.png", 1);
        _folder.Draw("b/b.png", 2);
        File.CreateSymbolicLink(Path.Combine(_folder.Root, "a/out.png"), Path.Combine(other.Root, "secret.png"));
        Directory.CreateSymbolicLink(Path.Combine(_folder.Root, "b/all"), other.Root);
        File.CreateSymbolicLink(Path.Combine(_folder.Root, "b/in.png"), "../a/a.png");
        var outcome = await _folder.ImportAsync(with: options => options with { KeepFirstOfConflict = true });
        TemporaryFolder.ReasonFor(outcome, "a/out.png").ShouldStartWith("outside the folder: ");
        TemporaryFolder.ReasonFor(outcome, "b/all").ShouldStartWith("link: ");
        TemporaryFolder.ReasonFor(outcome, "b/in.png").ShouldStartWith("conflicting labels: ");
        outcome.Version.Images.Count.ShouldBe(2);
    }

    [Fact]
    public async Task BadFolders_AreExplainedInOneLine()
    {
        (await _folder.RefusedAsync(options => options with { Path = "/nowhere/at/all" })).ShouldContain("there is no folder /nowhere/at/all");
        (await _folder.RefusedAsync()).ShouldContain("holds no images");
        _folder.Draw("only/a.png", 1);
        (await _folder.RefusedAsync()).ShouldContain("all images are of one category, only");
        (await _folder.RefusedAsync(options => options with { Path = Path.Combine(_folder.Root, "only/a.png") })).ShouldContain("is a file");
        _folder.Write("other/b.png", "damaged");
        (await _folder.RefusedAsync()).ShouldContain("one category, only; at least two are needed. Refused: 1 not an image.");
        (await _folder.RefusedAsync(options => options with { Layout = "tree" })).ShouldContain("there is no layout 'tree'");
    }

    [Fact]
    public async Task LabelsOutsideAGivenList_AreRefused_AndAllOfThemFailTheImport()
    {
        _folder.Draw("a/a.png", 1);
        _folder.Draw("b/b.png", 2);
        _folder.Draw("c/c.png", 3);
        var outcome = await _folder.ImportAsync(with: options => options with { Categories = ["B", "a"], Background = "A" });
        outcome.Version.Categories.Names.ShouldBe(["B", "a"]);
        outcome.Version.Categories.Background.ShouldBe(1);
        TemporaryFolder.ReasonFor(outcome, "c/c.png").ShouldBe("label outside the list: 'c' is none of B, a");
        (await _folder.RefusedAsync(options => options with { Categories = ["x", "y"] })).ShouldContain("no usable image is left");
        (await _folder.RefusedAsync(options => options with { Background = "zebra" })).ShouldContain("the background 'zebra' is not among the categories");
    }

    public void Dispose() => _folder.Dispose();
}
