using System.Text.Json;
using System.Text.RegularExpressions;
using Factory.Hosting.Telemetry;

namespace Factory.Deployment.Tests.Telemetry;

/// <summary>The dashboard and the rules ask for metrics that there are, by attributes that these have.</summary>
public sealed partial class WatchingTests
{
    private static readonly Dictionary<string, MetricDefinition> Series = FactoryMetrics.All.SelectMany(SeriesOf).ToDictionary();

    public static TheoryData<string> Rules => [.. PrometheusRules.Read().Groups.SelectMany(group => group.Rules).Select(rule => rule.Expression)];

    public static TheoryData<string> Panels => [.. Dashboard().SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!)];

    [Theory]
    [MemberData(nameof(Rules))]
    [MemberData(nameof(Panels))]
    public void Expression_AsksForMetricsThatThereAre(string expression)
    {
        string[] named = [.. MetricName().Matches(expression).Select(match => match.Value)];
        named.ShouldNotBeEmpty();
        named.ShouldBeSubsetOf(Series.Keys);

        HashSet<string> attributes = [.. named.SelectMany(name => Series[name].Attributes), "le"];
        Asked().Matches(expression).SelectMany(match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ShouldBeSubsetOf(attributes);
        Chosen().Matches(expression).Select(match => match.Groups[1].Value).ShouldBeSubsetOf(attributes);
        expression.Count(letter => letter == '(').ShouldBe(expression.Count(letter => letter == ')'));
        foreach (string counter in named.Where(name => Series[name].Kind != MetricKind.Gauge)) Regex.IsMatch(expression, $@"(rate|increase)\({counter}[^)]*\[\d+[mh]\]").ShouldBeTrue($"{counter} only grows");
    }

    [Fact]
    public void EveryMetric_IsOnTheDashboard()
    {
        string all = string.Join('\n', Panels.Select(row => row.Data));

        FactoryMetrics.All.Where(metric => !SeriesOf(metric).Any(series => all.Contains(series.Key, StringComparison.Ordinal))).Select(metric => metric.Name).ShouldBeEmpty();
    }

    [Fact]
    public void Rules_SayWhatTheyMean()
    {
        AlertRule[] rules = [.. PrometheusRules.Read().Groups.SelectMany(group => group.Rules)];

        rules.Select(rule => rule.Alert).ShouldBeUnique();
        foreach (AlertRule rule in rules)
        {
            rule.Alert.ShouldStartWith("Factory");
            (rule.For ?? "1m").ShouldMatch(@"^\d+[smh]$");
            rule.Labels.ShouldHaveSingleItem().Value.ShouldBeOneOf("info", "warning", "critical");
            rule.Annotations.Keys.ShouldBe(["summary", "description"], ignoreOrder: true);
        }
    }

    [Fact]
    public void Panels_HaveAPlaceOfTheirOwn()
    {
        JsonElement[] panels = [.. Dashboard()];

        panels.Select(panel => panel.GetProperty("id").GetInt32()).ShouldBeUnique();
        panels.Select(panel => (panel.GetProperty("gridPos").GetProperty("x").GetInt32(), panel.GetProperty("gridPos").GetProperty("y").GetInt32())).ShouldBeUnique();
        panels.ShouldAllBe(panel => panel.GetProperty("title").GetString()!.Length > 0);
    }

    private static IEnumerable<JsonElement> Dashboard() => JsonDocument.Parse(Deploy.Read("grafana/factory.json")).RootElement.GetProperty("panels").EnumerateArray();

    private static IEnumerable<KeyValuePair<string, MetricDefinition>> SeriesOf(MetricDefinition metric) => metric.Kind == MetricKind.Histogram
        ? new[] { "_bucket", "_sum", "_count" }.Select(part => new KeyValuePair<string, MetricDefinition>(metric.PrometheusName + part, metric))
        : [new(metric.PrometheusName, metric)];

    [GeneratedRegex(@"\bfactory_\w+")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"\b(?:by|on|without)\s*\(([^)]*)\)")]
    private static partial Regex Asked();

    [GeneratedRegex(@"[{,]\s*(\w+)\s*(?:=|!=|=~|!~)\s*""")]
    private static partial Regex Chosen();
}
