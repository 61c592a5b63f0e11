using Factory.Synthesis.Imaging;
using Factory.Synthesis.Phantoms;

namespace Factory.Synthesis.Tests.Phantoms;

public sealed class PhantomRendererTests
{
    private const int Size = 96;

    [Theory]
    [InlineData(PhantomModality.Cfp)]
    [InlineData(PhantomModality.Oct)]
    public void SameSpec_GivesSameBytes(PhantomModality modality)
    {
        for (var category = 0; category < 4; category++)
        {
            var (first, second) = (Draw(3, category, modality), Draw(3, category, modality));
            first.Image.Pixels.ShouldBe(second.Image.Pixels);
            first.LesionMask.ShouldBe(second.LesionMask);
        }
        Draw(3, 0, modality).Image.Pixels.ShouldNotBe(Draw(4, 0, modality).Image.Pixels);
    }

    [Theory]
    [InlineData(PhantomModality.Cfp)]
    [InlineData(PhantomModality.Oct)]
    public void OnlyDiseasedEyes_HaveLesions(PhantomModality modality)
    {
        for (var subject = 0; subject < 12; subject++)
        {
            Draw(subject, 0, modality).LesionMask.ShouldAllBe(v => v == 0);
            for (var category = 1; category < 4; category++)
                LesionShare(Draw(subject, category, modality)).ShouldBeInRange(0.004, 0.2, $"subject {subject}, category {category}");
        }
    }

    [Fact]
    public void Anatomy_IsTheSameInEveryCategory()
    {
        for (var category = 1; category < 4; category++)
        {
            var (healthy, diseased) = (Draw(1, 0, PhantomModality.Cfp), Draw(1, category, PhantomModality.Cfp));
            // The serous patch around polyps and soft edges reach a little beyond the mask.
            Differing(healthy, diseased).ShouldBeLessThan(0.12);
            Differing(healthy, diseased).ShouldBeGreaterThan(0.004);
        }
    }

    [Fact]
    public void Mask_IsWhereTheCategoriesDiffer()
    {
        for (var category = 1; category < 4; category++)
        {
            var (healthy, diseased) = (Draw(6, 0, PhantomModality.Cfp), Draw(6, category, PhantomModality.Cfp));
            var (inside, outside) = (new List<int>(), new List<int>());
            for (var i = 0; i < Size * Size; i++)
                (diseased.LesionMask[i] == 255 ? inside : outside).Add(Math.Abs(healthy.Image.Pixels[(i * 3) + 1] - diseased.Image.Pixels[(i * 3) + 1]));
            inside.Average().ShouldBeGreaterThan(15, $"category {category}");
            outside.Average().ShouldBeLessThan(3, $"category {category}");
        }
    }

    [Fact]
    public void Lesions_LieAllOverThePosteriorPole()
    {
        var centers = Enumerable.Range(0, 60).Select(subject => Centroid(Draw(subject, 3, PhantomModality.Cfp))).ToArray();
        (centers.Max(c => c.X) - centers.Min(c => c.X)).ShouldBeGreaterThan(0.35);
        (centers.Max(c => c.Y) - centers.Min(c => c.Y)).ShouldBeGreaterThan(0.35);
    }

    [Fact]
    public void Mask_IsTheSamePlaceAtEverySize()
    {
        var reference = Centroid(Draw(2, 3, PhantomModality.Cfp, 256));
        foreach (var size in new[] { 64, 128, 448 })
        {
            var (x, y) = Centroid(Draw(2, 3, PhantomModality.Cfp, size));
            x.ShouldBe(reference.X, 0.01);
            y.ShouldBe(reference.Y, 0.01);
        }
    }

    [Fact]
    public void Disc_LiesOnTheNasalSide()
    {
        foreach (var eye in new[] { PhantomEye.Left, PhantomEye.Right })
        {
            var image = PhantomRenderer.Draw(new PhantomSpec { Seed = 1, Subject = 0, Eye = eye, Category = 0, Modality = PhantomModality.Cfp, Size = Size }).Image;
            var brightest = Enumerable.Range(0, Size * Size).MaxBy(i => image.Pixels[(i * 3) + 2]);
            (brightest % Size > Size / 2).ShouldBe(eye == PhantomEye.Right);
        }
    }

    [Fact]
    public void Fundus_HasABlackSurroundThatCropsAway()
    {
        var crop = FieldOfView.Crop(Draw(0, 0, PhantomModality.Cfp).Image);
        crop.Width.ShouldBeInRange((int)(Size * 0.93), Size);
    }

    [Fact]
    public void Oct_IsGray() =>
        Draw(0, 3, PhantomModality.Oct).Image.Pixels.Chunk(3).ShouldAllBe(p => p[0] == p[1] && p[1] == p[2]);

    [Fact]
    public void ValuesOutsideTheirRange_AreRefused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Draw(0, 4, PhantomModality.Cfp));
        Should.Throw<ArgumentOutOfRangeException>(() => Draw(-1, 0, PhantomModality.Cfp));
        Should.Throw<ArgumentOutOfRangeException>(() => Draw(0, 0, PhantomModality.Cfp, 8));
    }

    private static Phantom Draw(int subject, int category, PhantomModality modality, int size = Size) =>
        PhantomRenderer.Draw(new PhantomSpec { Seed = 1, Subject = subject, Eye = (PhantomEye)(subject % 2), Category = category, Modality = modality, Size = size });

    private static double LesionShare(Phantom phantom) => phantom.LesionMask.Average(v => v / 255.0);

    private static double Differing(Phantom a, Phantom b) =>
        a.Image.Pixels.Zip(b.Image.Pixels, (x, y) => Math.Abs(x - y) > 4 ? 1.0 : 0.0).Average();

    private static (double X, double Y) Centroid(Phantom phantom)
    {
        var size = phantom.Image.Width;
        var lit = Enumerable.Range(0, size * size).Where(i => phantom.LesionMask[i] == 255).ToArray();
        return (lit.Average(i => ((i % size) + 0.5) / size), lit.Average(i => ((i / size) + 0.5) / size));
    }
}
