using Factory.Synthesis.Cams;
using Factory.Synthesis.Cams.Manipulations;
using Factory.Synthesis.Evaluation;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;

namespace Factory.Synthesis.Tests.Science;

/// <summary>That the method does what it is for: CAMs find lesions, and a lesion moved in a CAM moves in the image.</summary>
public sealed class MethodTests(TrainedFactories trained) : IClassFixture<TrainedFactories>
{
    private const int MovesOfASource = 4;

    private IReadOnlyList<TrainedFactory> Factories => trained.All;

    [Fact]
    public void Cams_LieOnTheLesions()
    {
        var sources = Factories.SelectMany(factory => factory.Diseased).ToArray();
        var (energy, area) = (sources.Average(EnergyInMask), sources.Average(s => s.Phantom.LesionMask.Average(v => v / 255.0)));
        var pointed = sources.Count(PeakIsAtTheLesion) / (double)sources.Length;
        (energy / area).ShouldBeGreaterThan(1.5, $"{energy:P0} of the energy on {area:P1} of the area");
        pointed.ShouldBeGreaterThan(0.5, "the strongest cell touches the lesion");
    }

    [Fact]
    public void LesionMovedInTheCam_MovesInTheImage_UnlessPairsWereShuffled()
    {
        var (moved, control) = (Movement(factory => factory.Generator), Movement(factory => factory.Control));
        moved.Correlation.ShouldBeGreaterThan(0.25, $"control: {control.Correlation:0.00}");
        moved.SameDirection.ShouldBeGreaterThan(0.58, $"control: {control.SameDirection:0.00}");
        (moved.Correlation - control.Correlation).ShouldBeGreaterThan(0.15, $"trained: {moved.Correlation:0.00}, control: {control.Correlation:0.00}");
    }

    [Fact]
    public void SyntheticImages_AreRecognizedByAnIndependentClassifier_UnlessPairsWereShuffled()
    {
        var (own, control) = (Factories.Average(factory => Recognized(factory, factory.Generator, new Flip())), Factories.Average(factory => Recognized(factory, factory.Control, new Flip())));
        own.ShouldBeGreaterThan(0.4, $"chance is 0.25, control: {control:P0}");
        (own - control).ShouldBeGreaterThan(0.12, $"trained: {own:P0}, control: {control:P0}");
    }

    private static double Recognized(TrainedFactory factory, ImageGenerator generator, Manipulation manipulation)
    {
        var rng = new Rng(5);
        var images = Generation.Generate(generator, [.. factory.Sources.Select(s => ConditionMap.FromCam(manipulation.Apply(s.Cam, s.Category, false, null, rng).Cam))]);
        var set = ImageSet.Of([.. images.Zip(factory.Sources, (image, source) => (image, source.Category))]);
        return Prediction.Predict(factory.Judge, set).Where((p, i) => Array.IndexOf(p, p.Max()) == factory.Sources[i].Category).Count() / (double)set.Count;
    }

    /// <summary>How displacements of the CAM, in shares of the side, go with those of what the judge sees in the image.</summary>
    private (double Correlation, double SameDirection) Movement(Func<TrainedFactory, ImageGenerator> generatorOf)
    {
        var rng = new Rng(6);
        var (asked, seen) = (new List<double>(), new List<double>());
        foreach (var factory in Factories)
        {
            // Where a lesion lands is chance, and so is much of what one move shows.
            foreach (var source in Enumerable.Repeat(factory.Diseased, MovesOfASource).SelectMany(sources => sources))
            {
                var moved = new SwapPeak().Apply(source.Cam, source.Category, false, null, rng);
                var images = Generation.Generate(generatorOf(factory), [ConditionMap.FromCam(source.Cam), ConditionMap.FromCam(moved.Cam)]);
                var centers = TrainedFactory.Cams(factory.Judge, images).Select(cam => Center(cam, source.Category)).ToArray();
                var drawn = moved.Parameters;
                asked.AddRange([(drawn["targetRow"] - drawn["row"]) / source.Cam.Height, (drawn["targetColumn"] - drawn["column"]) / source.Cam.Width]);
                seen.AddRange([centers[1].Row - centers[0].Row, centers[1].Column - centers[0].Column]);
            }
        }

        var far = asked.Zip(seen).Where(pair => Math.Abs(pair.First) > 0.08).ToArray();
        return (Correlation(asked, seen), far.Count(pair => Math.Sign(pair.First) == Math.Sign(pair.Second)) / (double)far.Length);
    }

    /// <summary>The center of a channel's energy above its median, in shares of the side.</summary>
    private static (double Row, double Column) Center(Cam cam, int category)
    {
        var sorted = cam.Channel(category).ToArray();
        Array.Sort(sorted);
        var (sum, row, column) = (1e-9, 0.0, 0.0);
        for (var i = 0; i < sorted.Length; i++)
        {
            var above = Math.Pow(Math.Max(0, cam.Channel(category)[i] - sorted[sorted.Length / 2]), 2);
            sum += above;
            row += above * (i / cam.Width);
            column += above * (i % cam.Width);
        }

        return (row / sum / cam.Height, column / sum / cam.Width);
    }

    private static double Correlation(List<double> a, List<double> b)
    {
        var (meanA, meanB) = (a.Average(), b.Average());
        double Covariance(List<double> x, double meanX, List<double> y, double meanY) => x.Zip(y, (p, q) => (p - meanX) * (q - meanY)).Sum();
        return Covariance(a, meanA, b, meanB) / Math.Sqrt(Covariance(a, meanA, a, meanA) * Covariance(b, meanB, b, meanB));
    }

    /// <summary>Whether the strongest cell of the own category's CAM holds a part of the true lesion.</summary>
    private static bool PeakIsAtTheLesion(TrainedFactory.Source source)
    {
        var (cam, side) = (source.Cam, source.Phantom.Image.Width);
        var channel = cam.Channel(source.Category).ToArray();
        var (peak, cell) = (Array.IndexOf(channel, channel.Max()), side / cam.Width);
        var (top, left) = (peak / cam.Width * cell, peak % cam.Width * cell);
        return Enumerable.Range(0, cell * cell).Any(i => source.Phantom.LesionMask[((top + (i / cell)) * side) + left + (i % cell)] == 255);
    }

    /// <summary>The share of the own category's positive CAM, enlarged to the image, that lies in the true lesion.</summary>
    private static double EnergyInMask(TrainedFactory.Source source)
    {
        var (side, cam) = (source.Phantom.Image.Width, source.Cam);
        var (inside, all) = (0.0, 0.0);
        var cell = side / cam.Width;
        for (var i = 0; i < side * side; i++)
        {
            var value = Math.Max(0, cam[source.Category, i / side / cell, i % side / cell]);
            all += value;
            inside += source.Phantom.LesionMask[i] == 255 ? value : 0;
        }

        return inside / Math.Max(all, 1e-9);
    }
}
