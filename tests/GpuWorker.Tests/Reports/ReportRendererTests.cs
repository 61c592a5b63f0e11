using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Reports;

namespace Factory.GpuWorker.Tests.Reports;

public sealed partial class ReportRendererTests
{
    private const string Hostile = "<img src=x onerror=\"alert('1')\"> & | `*_[a](javascript:b) ![c](d)\n# e";

    private readonly SampleRun _run = new();

    [Fact]
    public void Page_HasEverySection()
    {
        string html = Render(_run.Content()).Html;

        foreach (string heading in (string[])["Collection", "Evaluation", "Synthetic corpora", "Training", "Steps", "Recipe"])
        {
            html.ShouldContain($"<h2>{heading}</h2>");
        }
        html.ShouldContain(Sha256Digest.Of("recipe"u8).Hex);
        html.ShouldContain(Sha256Digest.Of("collection"u8).Hex);
        html.ShouldContain("cpu, 2 threads, float32");
        html.ShouldContain("3,988");
        html.ShouldContain("blank 340, labelFidelity 12");
        html.ShouldContain("must not be released");
        html.ShouldContain("Spe / (Sen + Spe)");
        html.ShouldContain("0.710 to 0.860");
        html.ShouldContain("<tr><th scope=\"row\">Pcv</th><td class=\"n\">640</td><td class=\"n\">259</td><td class=\"n\">20.5</td><td class=\"n\">0.5</td><td class=\"n\">–</td><td class=\"n\">–</td></tr>");
        html.ShouldContain("data:image/png;base64," + Convert.ToBase64String(SampleRun.Png));
        Regex.Count(html, "<svg ").ShouldBe(9, "seven of curves and two of scores");
        Regex.Count(html, "class=\"heat\"").ShouldBe(3);
    }

    [Fact]
    public void Markdown_HasEverySection()
    {
        string markdown = Render(_run.Content()).Markdown;

        foreach (string heading in (string[])["Collection", "Evaluation", "Synthetic corpora", "Training", "Steps", "Recipe"])
        {
            markdown.ShouldContain($"\n## {heading}\n");
        }
        markdown.ShouldContain("| Train | 155 | 67 | 259 | 453 | 934 |");
        markdown.ShouldContain("| finetuned | **0.825** | **0.884** (0.810 to 0.940) |");
        markdown.ShouldContain("| All | 2,000 | 779 | 12.35 | -0.01235 | 0.712 | 0.500 |");
        markdown.ShouldContain("| sharpness | 0.400 | 0.910 | 1.300 |");
        markdown.ShouldContain("![Contact sheet of corpus](contact-sheet-corpus.png)");
        markdown.ShouldContain("must not be released");
        markdown.ShouldContain("| Series | First | Last | Best | At step |");
        markdown.ShouldContain("```yaml\napiVersion: factory/v1\n");
    }

    [Fact]
    public void Page_IsSelfContained()
    {
        string html = Render(_run.Content()).Html;

        html.ShouldNotContain("<script");
        html.ShouldNotContain("<link");
        AttributeUrls().Matches(html).Select(match => match.Groups[1].Value).ShouldAllBe(url => url.StartsWith("data:image/png;base64,", StringComparison.Ordinal));
    }

    [Fact]
    public void Splits_StandInTheirOrder_WhateverTheDictionarys()
    {
        string html = Render(_run.Content()).Html;

        int train = html.IndexOf("scope=\"row\">Train<", StringComparison.Ordinal);
        train.ShouldBeGreaterThan(0);
        html.IndexOf("scope=\"row\">Validation<", StringComparison.Ordinal).ShouldBeGreaterThan(train);
        html.IndexOf("scope=\"row\">Test<", StringComparison.Ordinal).ShouldBeGreaterThan(html.IndexOf("scope=\"row\">Validation<", StringComparison.Ordinal));
    }

    [Fact]
    public void HostileNames_StayText()
    {
        RenderedReport report = Render(HostileContent());

        report.Html.ShouldNotContain("<img src=x");
        report.Html.ShouldContain("&lt;img src=x onerror=&quot;alert(");
        XDocument page = Parse(report.Html);
        page.Descendants().Where(element => element.Name.LocalName == "img").Count().ShouldBe(1);
        page.Descendants().Attributes().ShouldAllBe(attribute => !attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        string beforeRecipe = report.Markdown[..report.Markdown.IndexOf("## Recipe", StringComparison.Ordinal)];
        beforeRecipe.ShouldNotContain("<img");
        beforeRecipe.ShouldNotContain("\n# e");
    }

    [Fact]
    public void HostileNames_KeepMarkdownTablesWhole()
    {
        string[] lines = Render(HostileContent()).Markdown.Split('\n');

        for (int index = 1; index < lines.Length; index++)
        {
            if (lines[index].StartsWith("| ", StringComparison.Ordinal) && lines[index - 1].StartsWith("| ", StringComparison.Ordinal))
            {
                Bars().Count(lines[index]).ShouldBe(Bars().Count(lines[index - 1]), lines[index]);
            }
        }
    }

    [Fact]
    public void RecipeWithFence_StaysInsideItsBlock()
    {
        string markdown = Render(_run.Content() with { Recipe = "a: |\n  ```\n  ````\n# not a heading" }).Markdown;

        markdown.ShouldEndWith("`````yaml\na: |\n  ```\n  ````\n# not a heading\n`````\n");
    }

    [Fact]
    public void UndefinedScores_ShowAsDash_AndAreNeverBest()
    {
        EvaluationReport evaluation = SampleRun.Evaluation() with
        {
            Models =
            [
                SampleRun.Scores("empty", 0.5, null, null, [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]),
                SampleRun.Scores("poor", 0.25, 0.1, null, [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]),
                SampleRun.Scores("fair", 0.5, 0.2, null, [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]),
            ],
        };

        RenderedReport report = Render(WithEvaluation(evaluation));

        report.Markdown.ShouldContain("| empty | **0.500** | – | – | – | – | – | – | – | – |");
        report.Markdown.ShouldContain("| fair | **0.500** | **0.200** |");
        report.Markdown.ShouldNotContain("**–**");
        report.Html.ShouldContain("<td class=\"n\">–</td>");
        report.Html.ShouldNotContain("NaN");
        Parse(report.Html).ShouldNotBeNull();
    }

    [Fact]
    public void OneModel_IsNotMarkedBest()
    {
        EvaluationReport all = SampleRun.Evaluation();

        RenderedReport report = Render(WithEvaluation(all with { Models = [all.Models[0]] }));

        report.Html.ShouldNotContain("class=\"n best\"");
        report.Markdown.ShouldNotContain("**");
    }

    [Fact]
    public void SameContent_GivesSameText_InAnyCulture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        RenderedReport expected = Render(_run.Content());
        CultureInfo comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        comma.NumberFormat.NumberGroupSeparator = ".";
        try
        {
            CultureInfo.CurrentCulture = comma;
            RenderedReport actual = Render(new SampleRun().Content());
            actual.Html.ShouldBe(expected.Html);
            actual.Markdown.ShouldBe(expected.Markdown);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void RunWithoutSteps_StillRenders()
    {
        ReportContent content = _run.Content() with { Steps = [] };

        RenderedReport report = Render(content);

        report.Html.ShouldContain("<h2>Collection</h2>");
        report.Html.ShouldNotContain("<h2>Training</h2>");
        report.Markdown.ShouldNotContain("## Evaluation");
    }

    [Fact]
    public void BlobOfAnotherKind_IsRefusedByName()
    {
        ReportContent content = _run.Content();
        ObjectRef text = _run.Put("not a document"u8.ToArray(), MediaTypes.Json);

        InvalidDataException curve = Should.Throw<InvalidDataException>(() =>
            Render(content with { Steps = [content.Steps[0] with { Curve = text }] }));
        curve.Message.ShouldContain("'baseline'");
        curve.Message.ShouldContain(text.Digest.Short);
        Should.Throw<InvalidDataException>(() => Render(content with { Steps = [content.Steps[3] with { ContactSheet = text }] }))
            .Message.ShouldContain("not a PNG");
    }

    [Theory]
    [InlineData("corpus", "contact-sheet-corpus.png")]
    [InlineData("../../etc/x y", "contact-sheet-------etc-x-y.png")]
    public void ContactSheetName_IsAFileName(string step, string expected) => ReportRenderer.ContactSheetName(step).ShouldBe(expected);

    internal static XDocument Parse(string html) => XDocument.Parse(Void().Replace(html[html.IndexOf("<html", StringComparison.Ordinal)..], "<$1/>"));

    private RenderedReport Render(ReportContent content) => ReportRenderer.Render(content, _run.Read);

    private ReportContent WithEvaluation(EvaluationReport evaluation)
    {
        ReportContent content = _run.Content();
        return content with { Steps = [content.Steps[^1] with { Evaluation = _run.PutJson(evaluation) }] };
    }

    private ReportContent HostileContent()
    {
        ReportContent content = _run.Content();
        TrainingCurve curve = new() { Series = new Dictionary<string, IReadOnlyList<CurvePoint>> { [Hostile] = [new() { Step = 1, Value = 1 }] } };
        EvaluationReport evaluation = SampleRun.Evaluation() with
        {
            Categories = [Hostile, "b", "c", "d"],
            Models = [.. SampleRun.Evaluation().Models.Select(model => model with { Name = Hostile })],
        };
        return content with
        {
            Name = Hostile,
            Recipe = Hostile,
            Collection = Hostile,
            Categories = content.Categories with { Names = [Hostile, "b", "c", "d"] },
            Images = new Dictionary<string, IReadOnlyList<int>> { [Hostile] = [1, 2, 3, 4] },
            Steps = [.. content.Steps.Select(step => step with
            {
                Name = Hostile,
                Kind = Hostile,
                Curve = step.Curve is null ? null : _run.PutJson(curve),
                Evaluation = step.Evaluation is null ? null : _run.PutJson(evaluation),
                Rejected = step.Rejected is null ? null : new Dictionary<string, long> { [Hostile] = 1 },
            })],
        };
    }

    [GeneratedRegex("""(?:src|href)="([^"]*)""")]
    private static partial Regex AttributeUrls();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Bars();

    /// <summary>Void elements, which XML wants closed.</summary>
    [GeneratedRegex("<((?:meta|img)[^>]*)>")]
    private static partial Regex Void();
}
