using CsCheck;
using Factory.Cli.Import;
using Factory.Contracts;
using Factory.Contracts.Api;

namespace Factory.Cli.Tests.Import;

public sealed class LeakFreeSplitTests
{
    private static readonly Gen<LabeledImage[]> Collections =
        Gen.Select(Gen.Int[0, 12], Gen.Int[0, 20], Gen.Int[0, 40], Gen.Int[0, 3], Gen.Bool).Array[1, 80].Select(rows => rows.Select((row, index) =>
        {
            (int subject, int eye, int pixels, int label, bool oct) = row;
            return Image(index, pixels, label, subject == 0 ? null : $"s{subject}", eye == 0 ? null : $"e{eye}", oct ? Modality.Oct : Modality.Cfp);
        }).ToArray());

    [Fact]
    public void NoSubjectEyeOrPicture_IsOnTwoSides() => Collections.Select(Gen.ULong[0, 5]).Sample((images, seed) =>
    {
        Split[] sides = new LeakFreeSplit(new() { Seed = seed }).Assign(images, images);
        images.Zip(sides).SelectMany(pair => pair.First.Identities().Select(identity => (identity, pair.Second)))
            .GroupBy(pair => pair.identity).ShouldAllBe(same => same.Select(pair => pair.Second).Distinct().Count() == 1);
    }, iter: 300);

    [Fact]
    public void SubjectsTiedByARefusedDuplicate_StayTogether() => Collections.Sample(all =>
    {
        LabeledImage[] kept = [.. all.DistinctBy(image => image.Prepared!.Image.Digest)];
        Split[] sides = new LeakFreeSplit(new()).Assign(all, kept);
        int[] groups = ImageGroups.Of([.. all.Select(image => image.Identities().ToArray())]);
        kept.Zip(sides).GroupBy(pair => groups[Array.IndexOf(all, pair.First)]).ShouldAllBe(group => group.Select(pair => pair.Second).Distinct().Count() == 1);
    }, iter: 100);

    [Fact]
    public void OrderOfTheFiles_DoesNotMatter() => Collections.Sample(images =>
    {
        LabeledImage[] backward = [.. images.Reverse()];
        new LeakFreeSplit(new()).Assign(backward, backward).Reverse().ShouldBe(new LeakFreeSplit(new()).Assign(images, images));
    }, iter: 100);

    [Fact]
    public void SharesOfEachCategory_AreMet()
    {
        LabeledImage[] images = [.. Enumerable.Range(0, 400).Select(index => Image(index, index, index % 10 == 0 ? 1 : 0, $"s{index / 2}", null, Modality.Cfp))];
        Split[] sides = new LeakFreeSplit(new() { Validation = 0.2, Test = 0.1 }).Assign(images, images);
        foreach (int label in new[] { 0, 1 })
        {
            List<Split> ofLabel = [.. images.Zip(sides).Where(pair => pair.First.Label == label).Select(pair => pair.Second)];
            (ofLabel.Count(side => side == Split.Validation) / (double)ofLabel.Count).ShouldBe(0.2, 0.05);
            (ofLabel.Count(side => side == Split.Test) / (double)ofLabel.Count).ShouldBe(0.1, 0.05);
        }
    }

    [Fact]
    public void SmallCategories_StandOnEverySide()
    {
        LabeledImage[] images = [.. Enumerable.Range(0, 12).Select(index => Image(index, index, index % 4, $"s{index}", null, Modality.Cfp))];
        Split[] sides = new LeakFreeSplit(new()).Assign(images, images);
        images.Zip(sides).Select(pair => (pair.First.Label, pair.Second)).Distinct().Count().ShouldBe(12);
    }

    [Fact]
    public void SubjectsWithTwoCategories_StillPutEveryCategoryOnEverySide()
    {
        LabeledImage[] images = [.. Enumerable.Range(0, 24).Select(index => Image(index, index, (index + (index / 8)) % 4, $"s{index / 2}", null, Modality.Cfp))];
        Split[] sides = new LeakFreeSplit(new()).Assign(images, images);
        images.Zip(sides).Select(pair => (pair.First.Label, pair.Second)).Distinct().Count().ShouldBe(12);
    }

    [Fact]
    public void ALostImage_MovesFewOthers()
    {
        LabeledImage[] images = [.. Enumerable.Range(0, 192).Select(index => Image(index, index, (index * 7 / 3) % 4, $"s{index / 4}", null, Modality.Cfp))];
        Split[] before = new LeakFreeSplit(new()).Assign(images, images)[1..], after = new LeakFreeSplit(new()).Assign(images[1..], images[1..]);
        before.Zip(after).Count(pair => pair.First != pair.Second).ShouldBeLessThan(20);
    }

    [Fact]
    public void AGrowingCollection_KeepsMostImagesOnTheirSides()
    {
        LabeledImage[] images = [.. Enumerable.Range(0, 1100).Select(index => Image(index, index, index % 3, $"s{index}", null, Modality.Cfp))];
        Split[] before = new LeakFreeSplit(new()).Assign(images[..1000], images[..1000]), after = new LeakFreeSplit(new()).Assign(images, images);
        before.Zip(after).Count(pair => pair.First != pair.Second).ShouldBeLessThan(50);
    }

    [Fact]
    public void SeedChangesTheSplit()
    {
        LabeledImage[] images = [.. Enumerable.Range(0, 100).Select(index => Image(index, index, 0, $"s{index}", null, Modality.Cfp))];
        new LeakFreeSplit(new() { Seed = 1 }).Assign(images, images).ShouldNotBe(new LeakFreeSplit(new() { Seed = 2 }).Assign(images, images));
    }

    [Theory]
    [InlineData(true, true, null, "subject")]
    [InlineData(false, true, null, "eye")]
    [InlineData(false, false, null, "image")]
    [InlineData(false, true, "eye", "eye")]
    public void WidestIdsKnown_AreTheBasis(bool subjects, bool eyes, string? asked, string expected) =>
        SplitChoice.BasisOf([Source(subjects, eyes)], new() { Basis = asked }).ShouldBe(expected);

    [Theory]
    [InlineData(true, true, "eye", "one subject could stand on two sides")]
    [InlineData(false, true, "image", "one eye could stand on two sides")]
    [InlineData(false, false, "subject", "no subject is known")]
    [InlineData(false, false, "eye", "no eye is known")]
    [InlineData(true, false, "given", "the layout gives no split")]
    [InlineData(true, false, "moon", "there is no split by 'moon'")]
    public void SplitsThatCannotBeHad_AreExplained(bool subjects, bool eyes, string asked, string expected) =>
        Should.Throw<CliException>(() => SplitChoice.BasisOf([Source(subjects, eyes)], new() { Basis = asked })).Message.ShouldContain(expected);

    [Fact]
    public void SharesThatLeaveNoTraining_AreRefused() =>
        Should.Throw<CliException>(() => SplitChoice.BasisOf([Source(true, true)], new() { Validation = 0.5, Test = 0.5 })).Message.ShouldContain("--validation and --test");

    private static SourceImage Source(bool subject, bool eye) => new() { Path = "a", FullPath = "a", Label = "x", Subject = subject ? "s" : null, Eye = eye ? "e" : null };

    private static LabeledImage Image(int index, int pixels, int label, string? subject, string? eye, Modality modality) => new()
    {
        Source = new() { Path = $"{index:D4}.png", FullPath = "", Label = "", Subject = subject, Eye = eye, Modality = modality },
        Label = label,
        Prepared = new()
        {
            Source = Sha256Digest.Of(BitConverter.GetBytes(index)),
            Preprocessing = default,
            Image = new() { Digest = Sha256Digest.Of([1, .. BitConverter.GetBytes(pixels)]), Bytes = 1, MediaType = MediaTypes.Png },
            Width = 64,
            Height = 64,
        },
    };
}
