using Factory.Cli.Import;

namespace Factory.Cli.Tests.Import;

/// <summary>Imports of real photographs and awkward files, where FACTORY_TEST_DATA says they are.</summary>
public sealed class RealFilesTests
{
    [Fact]
    public async Task OddFiles_AreTakenOrRefusedWithAReason()
    {
        using TemporaryFolder folder = new();
        string[] files = [.. Directory.GetFiles(Data("odd-files")).Where(file => !file.EndsWith(".csv", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        foreach (string file in files) folder.Write("odd/" + Path.GetFileName(file), await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        folder.Draw("normal/a.png", 1);
        ImportOutcome outcome = await folder.ImportAsync(with: options => options with { Preprocessing = new() { Size = 64 } });
        outcome.Version.Images.Count.ShouldBe(files.Length + 1 - outcome.Version.Refused.Count);
        foreach ((string file, string kind) in new[]
        {
            ("bad_empty.jpg", "empty file"), ("bad_truncated.tif", "truncated"), ("bad_random_bytes.png", "not an image"), ("format.gif", "format not read"),
            ("one_pixel.png", "too small"), ("duplicate_b.jpg", "duplicate"),
        })
        {
            TemporaryFolder.ReasonFor(outcome, "odd/" + file).ShouldStartWith(kind + ": ");
        }
        outcome.Version.Images.ShouldContain(image => image.Path == "odd/wrong_ext_is_png.jpg");
    }

    [Fact]
    public async Task RealPhotographs_AreSplitByEye_WithTheirDuplicatesFound()
    {
        MemoryTarget target = new();
        CollectionImport import = new(target, new() { Path = Data("idrid"), Name = "idrid", Preprocessing = new() { Size = 64 } });
        ImportOutcome outcome = await import.RunAsync(ImportProgress.None, TestContext.Current.CancellationToken);
        outcome.Version.Layout.ShouldBe("csv");
        outcome.Version.SplitBasis.ShouldBe("eye");
        (outcome.Version.Images.Count + outcome.Version.Refused.Count).ShouldBe(363);
        // Named by the collection's own digests: two pairs of identical files, each pair under one label.
        outcome.Version.Refused.Select(file => file.Path).ShouldBe(["images/dr1_mild/idrid_train_279.jpg", "images/dr2_moderate/idrid_train_333.jpg"]);
        outcome.Version.Refused.ShouldAllBe(file => file.Reason.StartsWith("duplicate: "));
        outcome.Version.Images.Where(image => image.Eye is not null).GroupBy(image => image.Eye).ShouldAllBe(eye => eye.Select(image => image.Split).Distinct().Count() == 1);
    }

    private static string Data(string folder)
    {
        string? root = Environment.GetEnvironmentVariable("FACTORY_TEST_DATA");
        Assert.SkipUnless(!string.IsNullOrEmpty(root), "FACTORY_TEST_DATA is not set.");
        return Path.Combine(root!, folder);
    }
}
