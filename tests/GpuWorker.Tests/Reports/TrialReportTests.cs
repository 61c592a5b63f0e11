using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Reports;

namespace Factory.GpuWorker.Tests.Reports;

/// <summary>What a report shows of a run whose models have several trials.</summary>
public sealed class TrialReportTests
{
    private readonly SampleRun _run = new();

    [Fact]
    public void Tables_SayMeanDeviationAndDifference()
    {
        RenderedReport report = Render();

        report.Markdown.ShouldContain("| finetuned | **0.825 ± 0.020** | **0.884 ± 0.010** (0.810 to 0.940) |");
        report.Markdown.ShouldContain("Differences from baseline:");
        report.Markdown.ShouldContain("| finetuned | **+0.087** (+0.010 to +0.150) | +0.085 (−0.002 to +0.160) | – | – | – |");
        report.Markdown.ShouldContain("Confusion of finetuned (sum of 3 trials, checkpoints `");
        report.Html.ShouldContain("sum of 3 trials");
        report.Html.ShouldContain("80 real images, of 61 subjects (eyes where subjects are unknown)");
    }

    [Fact]
    public void Curves_OfAStepsTrials_ShareOneChart()
    {
        RenderedReport report = Render();

        XElement training = ReportRendererTests.Parse(report.Html).Descendants("div").First(element => element.Attribute("class")?.Value == "training");
        training.Element("h3")!.Value.ShouldBe("baseline TrainClassifier, 3 trials");
        training.Descendants("svg").First().Elements("path").Count().ShouldBe(6, "two losses in three trials");
        training.Descendants("li").Count().ShouldBe(3, "a series is named once");
        report.Markdown.ShouldContain("| Series | Trial | First | Last | Best | At step |");
    }

    [Fact]
    public void Plot_HasARowForEachModel_WithItsTrialsInsideTheFrame()
    {
        XElement plot = ReportRendererTests.Parse(Render().Html).Descendants("svg").First(element => element.Attribute("class")!.Value == "chart dots");

        plot.Elements("text").Where(text => text.Attribute("class")?.Value == "name").Select(text => text.Value).ShouldBe(["baseline", "finetuned"]);
        plot.Elements("circle").Count(circle => circle.Attribute("class")!.Value == "trial").ShouldBe(3);
        plot.Elements("circle").Count(circle => circle.Attribute("class")!.Value == "mean").ShouldBe(2);
        foreach (XElement circle in plot.Elements("circle")) double.Parse(circle.Attribute("cx")!.Value, CultureInfo.InvariantCulture).ShouldBeInRange(0, 640);
    }

    [Fact]
    public void LastPreviewOfAGenerator_IsShown()
    {
        byte[] early = [.. SampleRun.Png, 1], last = [.. SampleRun.Png, 2];
        ReportContent content = _run.Content();
        ReportStep generator = content.Steps[2] with { Previews = [Preview(100, early), Preview(200, last)] };

        RenderedReport report = ReportRenderer.Render(content with { Steps = [generator] }, _run.Read);

        report.Html.ShouldContain(Convert.ToBase64String(last));
        report.Html.ShouldNotContain(Convert.ToBase64String(early));
        report.Markdown.ShouldContain("![Last preview of generator](preview-generator.png)");
        Regex.Count(report.Html, "not to be released").ShouldBe(1);
    }

    private TrainingPreview Preview(int step, byte[] png) => new() { Step = step, Grid = _run.Put(png, MediaTypes.Png) };

    private RenderedReport Render()
    {
        ReportContent content = _run.Content();
        EvaluationReport sample = SampleRun.Evaluation();
        ModelScores baseline = sample.Models[0], finetuned = sample.Models[2];
        EvaluationReport evaluation = sample with
        {
            Subjects = 61,
            Models = [baseline, finetuned with { Trials = [.. new[] { 0.805, 0.825, 0.845 }.Select((accuracy, index) => Trial(index + 1, accuracy))], Deviation = new() { Accuracy = 0.02, SenSpeF1 = 0.01 } }],
            Comparisons =
            [
                new()
                {
                    Model = "finetuned", Baseline = "baseline", Accuracy = new() { Difference = 0.0874, Low = 0.01, High = 0.15 }, SenSpeF1 = new() { Difference = 0.085, Low = -0.002, High = 0.16 },
                },
            ],
        };
        ReportStep first = content.Steps[0];
        return ReportRenderer.Render(
            content with { Steps = [first, first with { Name = "baseline.trial2" }, first with { Name = "baseline.trial3" }, content.Steps[^1] with { Evaluation = _run.PutJson(evaluation) }] }, _run.Read);
    }

    private static TrialScores Trial(int number, double accuracy) => new()
    {
        Trial = number,
        Checkpoint = Sha256Digest.Of([(byte)number]),
        Accuracy = accuracy,
        SenSpeF1 = accuracy + 0.06,
    };
}
