using CsCheck;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Cams.Manipulations;

namespace Factory.Synthesis.Tests.Cams.Manipulations;

public sealed class ManipulationTests
{
    private static readonly Gen<(Cam Cam, Cam Partner, int Category, bool Oct, ulong Seed)> Cases =
        Gen.Select(Gen.Int[2, 5], Gen.Int[3, 16], Gen.Int[3, 16], Gen.ULong, Gen.Bool).Select((k, h, w, seed, oct) =>
        {
            var rng = new Rng(seed);
            return (Random(k, h, w, rng), Random(k, h, w, rng), rng.NextInt(k), oct, seed);
        });

    public static TheoryData<string> Names => [.. ManipulationRegistry.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void EqualSeeds_GiveEqualResults_AndLeaveTheSourceAlone(string name)
    {
        var manipulation = ManipulationRegistry.Create(name);
        manipulation.Name.ShouldBe(name);
        Cases.Sample(
            c =>
            {
                var oct = c.Oct && manipulation.KeepsRows;
                float[] before = [.. c.Cam.Values];
                var one = manipulation.Apply(c.Cam, c.Category, oct, c.Partner, new Rng(c.Seed));
                var two = manipulation.Apply(c.Cam, c.Category, oct, c.Partner, new Rng(c.Seed));
                one.Cam.Values.ShouldBe(two.Cam.Values);
                one.Parameters.ShouldBe(two.Parameters);
                one.Name.ShouldBe(name);
                c.Cam.Values.ShouldBe(before);
            },
            iter: 100);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Result_StaysWithinTheValuesItCameFrom_SaveForGain(string name)
    {
        if (name == "gain")
            return;
        var manipulation = ManipulationRegistry.Create(name);
        Cases.Sample(
            c =>
            {
                float[] sources = [.. c.Cam.Values, .. c.Partner.Values];
                var (least, most) = (sources.Min(), sources.Max());
                return manipulation.Apply(c.Cam, c.Category, c.Oct && manipulation.KeepsRows, c.Partner, new Rng(c.Seed)).Cam.Values
                    .All(v => v >= least - 1e-4f && v <= most + 1e-4f);
            },
            iter: 100);
    }

    [Fact]
    public void Original_IsTheSource() =>
        Cases.Sample(c => new Original().Apply(c.Cam, c.Category, c.Oct, null, new Rng(1)).Cam.Values.SequenceEqual(c.Cam.Values), iter: 50);

    [Fact]
    public void FlipTwice_IsTheSource() => Cases.Sample(
        c =>
        {
            var once = new Flip().Apply(c.Cam, c.Category, c.Oct, null, new Rng(1)).Cam;
            once[0, 0, 0].ShouldBe(c.Cam[0, 0, c.Cam.Width - 1]);
            new Flip().Apply(once, c.Category, c.Oct, null, new Rng(1)).Cam.Values.ShouldBe(c.Cam.Values);
        },
        iter: 50);

    [Fact]
    public void SwapPeak_On14x14_UsesThePublishedPatchAndRange()
    {
        Gen.ULong.Sample(
            seed =>
            {
                var cam = Random(4, 14, 14, new Rng(seed));
                var p = new SwapPeak().Apply(cam, 1, seed % 2 == 0, null, new Rng(seed)).Parameters;
                p["side"].ShouldBe(5);
                foreach (var key in new[] { "row", "column", "targetRow", "targetColumn" })
                    p[key].ShouldBeInRange(3, 10);
                if (seed % 2 == 0)
                    p["targetRow"].ShouldBe(p["row"]);
                (p["row"], p["column"]).ShouldNotBe((p["targetRow"], p["targetColumn"]));
            },
            iter: 200);
    }

    [Fact]
    public void SwapPeak_CoversTheWholeRange()
    {
        var cam = Random(2, 14, 14, new Rng(1));
        var rng = new Rng(2);
        var targets = Enumerable.Range(0, 2000).Select(_ => new SwapPeak().Apply(cam, 1, false, null, rng).Parameters)
            .Select(p => (p["targetRow"], p["targetColumn"])).Distinct().Count();
        targets.ShouldBe((8 * 8) - 1);
    }

    [Fact]
    public void SwapPeak_PutsThePeakAtItsTarget_AndKeepsTheSumWhereApart() => Cases.Where(c => c.Cam.Height >= 5 && c.Cam.Width >= 5).Sample(
        c =>
        {
            var result = new SwapPeak().Apply(c.Cam, c.Category, c.Oct, null, new Rng(c.Seed));
            var p = result.Parameters.ToDictionary(x => x.Key, x => (int)x.Value);
            var radius = p["side"] / 2;
            for (var k = 0; k < c.Cam.K; k++)
            {
                for (var i = -radius; i <= radius; i++)
                {
                    for (var j = -radius; j <= radius; j++)
                        result.Cam[k, p["targetRow"] + i, p["targetColumn"] + j].ShouldBe(c.Cam[k, p["row"] + i, p["column"] + j]);
                }
            }

            var apart = Math.Abs(p["row"] - p["targetRow"]) > 2 * radius || Math.Abs(p["column"] - p["targetColumn"]) > 2 * radius;
            if (apart)
                result.Cam.Values.Order().ShouldBe(c.Cam.Values.Order());
        },
        iter: 200);

    [Fact]
    public void SwapPeak_FindsTheLargestEvenWhereAllAreVeryNegative()
    {
        var values = Enumerable.Repeat(-1e6f, 2 * 14 * 14).ToArray();
        values[(14 * 14) + (6 * 14) + 9] = -10;
        var p = new SwapPeak().Apply(new Cam(2, 14, 14, values), 1, false, null, new Rng(1)).Parameters;
        ((int)p["row"]).ShouldBeInRange(4, 8);
        ((int)p["column"]).ShouldBeInRange(7, 10);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(4)]
    [InlineData(2)]
    public void SwapPeak_WorksOnOtherGrids(int side) =>
        Should.NotThrow(() => new SwapPeak().Apply(Random(3, side, side, new Rng(1)), 2, true, null, new Rng(1)));

    [Fact]
    public void SwapPeak_OnOneCell_IsRefused() =>
        Should.Throw<ManipulationException>(() => new SwapPeak().Apply(new Cam(2, 1, 1, [0, 1]), 1, false, null, new Rng(1))).Message.ShouldContain("too small");

    [Fact]
    public void NoMovement_IsTheSource() => Cases.Sample(
        c =>
        {
            foreach (var manipulation in new Manipulation[]
            {
                new Shift { Fraction = new(0, 0) }, new Scale { Factor = new(1, 1) }, new Rotate { Degrees = new(0, 0) }, new Gain { Multiplier = new(1, 1) }, new Mix { Weight = new(1, 1) },
            })
            {
                var values = manipulation.Apply(c.Cam, c.Category, false, c.Partner, new Rng(1)).Cam.Values;
                values.Zip(c.Cam.Values, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-3f);
            }
        },
        iter: 50);

    [Fact]
    public void Shift_ByWholeCells_MovesValues_AndOctStaysOnItsRows()
    {
        var cam = Random(2, 10, 10, new Rng(3));
        var moved = new Shift { Fraction = new(0.2, 0.2) }.Apply(cam, 1, true, null, new Rng(1));
        moved.Parameters["rows"].ShouldBe(0);
        moved.Cam[1, 4, 6].ShouldBe(cam[1, 4, 4], 1e-4f);
    }

    [Fact]
    public void Rotate_ByAQuarter_TurnsTheGrid()
    {
        var cam = Random(2, 9, 9, new Rng(3));
        var turned = new Rotate { Degrees = new(90, 90) }.Apply(cam, 1, false, null, new Rng(1)).Cam;
        turned[1, 8, 0].ShouldBe(cam[1, 0, 0], 1e-3f);
        turned[1, 0, 0].ShouldBe(cam[1, 0, 8], 1e-3f);
    }

    [Fact]
    public void Gain_ChangesOnlyTheLesionChannel()
    {
        var cam = Random(3, 8, 8, new Rng(3));
        var result = new Gain { Multiplier = new(2, 2) }.Apply(cam, 1, false, null, new Rng(1)).Cam;
        result.Channel(0).SequenceEqual(cam.Channel(0)).ShouldBeTrue();
        result.Channel(2).SequenceEqual(cam.Channel(2)).ShouldBeTrue();
        result.Channel(1).SequenceEqual(cam.Channel(1)).ShouldBeFalse();
    }

    [Fact]
    public void CopyLesion_PutsThePartnersPeakAtItsTarget()
    {
        var (cam, partner) = (Random(3, 14, 14, new Rng(3)), Random(3, 14, 14, new Rng(4)));
        var result = new CopyLesion().Apply(cam, 1, true, partner, new Rng(1));
        var p = result.Parameters.ToDictionary(x => x.Key, x => (int)x.Value);
        p["targetRow"].ShouldBe(p["row"]);
        result.Cam[2, p["targetRow"], p["targetColumn"]].ShouldBe(partner[2, p["row"], p["column"]]);
    }

    [Fact]
    public void EraseSecondary_KeepsThePeak()
    {
        var values = new float[2 * 14 * 14];
        values[(14 * 14) + (4 * 14) + 4] = 50;
        values[(14 * 14) + (10 * 14) + 10] = 20;
        var result = new EraseSecondary().Apply(new Cam(2, 14, 14, values), 1, false, null, new Rng(1));
        result.Parameters["erased"].ShouldBe(1);
        result.Cam[1, 4, 4].ShouldBe(50);
        result.Cam[1, 10, 10].ShouldBe(0);
    }

    [Fact]
    public void Misuse_IsRefusedByName()
    {
        var cam = Random(2, 8, 8, new Rng(1));
        Should.Throw<ManipulationException>(() => new Mix().Apply(cam, 1, false, null, new Rng(1))).Message.ShouldContain("second CAM");
        Should.Throw<ManipulationException>(() => new Mix().Apply(cam, 1, false, Random(2, 8, 9, new Rng(1)), new Rng(1))).Message.ShouldContain("[2, 8, 9]");
        Should.Throw<ManipulationException>(() => new Rotate().Apply(cam, 1, true, null, new Rng(1))).Message.ShouldContain("OCT");
        Should.Throw<ManipulationException>(() => new Flip().Apply(cam, 2, true, null, new Rng(1))).Message.ShouldContain("category 2");
    }

    [Fact]
    public void Registry_ReadsRanges_AndRefusesWhatItDoesNotKnow()
    {
        ManipulationRegistry.Create("gain", new Dictionary<string, ParameterRange> { ["gain"] = new(1, 2) }).ShouldBe(new Gain { Multiplier = new(1, 2) });
        Should.Throw<ManipulationException>(() => ManipulationRegistry.Create("blur")).Message.ShouldContain("expected one of copy-lesion");
        Should.Throw<ManipulationException>(() => ManipulationRegistry.Create("gain", new Dictionary<string, ParameterRange> { ["x"] = new(1, 2) })).Message.ShouldContain("expected 'gain'");
        Should.Throw<ManipulationException>(() => ManipulationRegistry.Create("gain", new Dictionary<string, ParameterRange> { ["gain"] = new(2, 1) })).Message.ShouldContain("the smaller first");
        Should.Throw<ManipulationException>(() => ManipulationRegistry.Create("scale", new Dictionary<string, ParameterRange> { ["factor"] = new(0, 1) }));
        Should.Throw<ManipulationException>(() => ManipulationRegistry.Create("scale", new Dictionary<string, ParameterRange> { ["factor"] = new(double.NaN, 1) }));
    }

    private static Cam Random(int k, int h, int w, Rng rng) =>
        new(k, h, w, [.. Enumerable.Range(0, k * h * w).Select(_ => (float)(rng.NextGaussian() * 20))]);
}
