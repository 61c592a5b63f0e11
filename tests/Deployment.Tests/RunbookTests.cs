using System.Text.RegularExpressions;

namespace Factory.Deployment.Tests;

/// <summary>Whoever is woken finds what to do.</summary>
public sealed partial class RunbookTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Deploy.Folder, "..", "docs", "runbook.md"));

    [Fact]
    public void EveryAlert_HasAnEntryAndEveryEntryAnAlert()
    {
        string folder = Deploy.PathOf("prometheus");
        if (!Directory.Exists(folder)) Assert.Skip("deploy has no alerts");
        string[] alerts = [.. Directory.EnumerateFiles(folder, "*.yaml").SelectMany(file => Alert().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value)];

        alerts.ShouldNotBeEmpty();
        Entry().Matches(Page).Select(match => match.Groups[1].Value).ShouldBe(alerts, ignoreOrder: true);
    }

    [Fact]
    public void Anchors_LeadSomewhere()
    {
        string[] anchors = [.. Heading().Matches(Page).Select(match => match.Groups[1].Value.ToLowerInvariant().Replace(' ', '-'))];

        Anchor().Matches(Page).Select(match => match.Groups[1].Value).Distinct().ShouldBeSubsetOf(anchors);
    }

    [GeneratedRegex(@"^ *- alert: (\w+)", RegexOptions.Multiline)]
    private static partial Regex Alert();

    [GeneratedRegex(@"^### (Factory\w+)", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex("^##+ (.+?)\\r?$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(#([^)]+)\)")]
    private static partial Regex Anchor();
}
