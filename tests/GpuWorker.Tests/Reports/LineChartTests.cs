using System.Globalization;
using System.Xml.Linq;
using CsCheck;
using Factory.Contracts.Work;
using Factory.GpuWorker.Reports;

namespace Factory.GpuWorker.Tests.Reports;

public sealed class LineChartTests
{
    [Fact]
    public void Distances_HaveAChartOfTheirOwn()
    {
        CurvePoint[] points = [new() { Step = 10, Value = 300 }, new() { Step = 20, Value = 120 }];
        TrainingCurve curve = new() { Series = new SortedDictionary<string, IReadOnlyList<CurvePoint>> { ["fid"] = points, ["gan"] = points, ["kid"] = points } };

        IReadOnlyList<CurveGroup> groups = CurveGroup.Of([curve]);

        groups.Select(group => (group.Title, string.Join(", ", group.Series.Select(series => series.Name)))).ShouldBe([("Losses", "gan"), ("Distance from the real images", "fid, kid")]);
        groups[1].BestOf(groups[1].Series[0].Trials[0])!.Step.ShouldBe(20);
    }

    [Fact]
    public void AnyFiniteSeries_DrawsInsideItsFrame() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.OneOf(Gen.Double[-1e6, 1e6], Gen.Double[0, 1], Gen.Const(0.0))).Array[1, 1200].Sample(
            points =>
            {
                string path = Path(points.Select(point => new CurvePoint { Step = point.Item1, Value = point.Item2 }));
                foreach (string point in path.Split(['M', 'L'], StringSplitOptions.RemoveEmptyEntries))
                {
                    double[] place = [.. point.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
                    place[0].ShouldBeInRange(0, 640);
                    place[1].ShouldBeInRange(0, 250);
                }
            },
            iter: 60);

    [Fact]
    public void LongSeries_IsThinned_AndKeepsItsSpike()
    {
        CurvePoint[] points = [.. Enumerable.Range(1, 20_000).Select(step => new CurvePoint { Step = step, Value = step == 12_345 ? 100 : 1 })];

        string path = Path(points);

        path.Split('L').Length.ShouldBeLessThan(450);
        path.Split(['M', 'L'], StringSplitOptions.RemoveEmptyEntries)
            .Min(point => double.Parse(point.Split(' ')[1], CultureInfo.InvariantCulture)).ShouldBe(10);
    }

    [Fact]
    public void UndefinedPoints_AreLeftOut_AndAnEmptySeriesToo()
    {
        string html = Page(new Dictionary<string, IReadOnlyList<CurvePoint>> { ["loss"] = [], ["validationF1"] = [new() { Step = 1, Value = 0.5 }] });

        html.ShouldContain("validationF1");
        html.ShouldNotContain(">Losses<");
    }

    private static string Path(IEnumerable<CurvePoint> points) =>
        ReportRendererTests.Parse(Page(new Dictionary<string, IReadOnlyList<CurvePoint>> { ["loss"] = [.. points] }))
            .Descendants("path").Single().Attribute("d")!.Value;

    private static string Page(IReadOnlyDictionary<string, IReadOnlyList<CurvePoint>> series)
    {
        SampleRun run = new();
        ReportContent content = run.Content();
        return ReportRenderer.Render(
            content with { Steps = [content.Steps[0] with { Curve = run.PutJson(new TrainingCurve { Series = series }) }] }, run.Read).Html;
    }
}
