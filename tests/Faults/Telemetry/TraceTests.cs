using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Factory.Faults.Telemetry;

/// <summary>The trace that separate processes make over a real broker, as a collector gets it.</summary>
public sealed partial class TraceTests(Peace peace)
{
    private const string Coordinator = "factory-coordinator", Worker = "factory-worker";

    [Fact]
    public async Task Sample_IsFollowedFromTheRequestToTheCommit_InOneTrace()
    {
        await using SpanCollector collector = new();
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace, null, collector.Settings);
        Service worker = await factory.WorkerAsync();
        await factory.SubmitAsync();
        await factory.ShouldEndAsInPeaceAsync();
        (await worker.EndAsync()).ShouldBe(0);
        (await factory.Coordinator.EndAsync()).ShouldBe(0);

        ReceivedSpan submitted = collector.Spans.Single(span => span.Name.StartsWith("POST ") && span.Attributes.Any(attribute => attribute.Value.EndsWith("/api/runs")));
        ReceivedSpan[] trace = [.. collector.Spans.Where(span => span.Trace == submitted.Trace)];
        ReceivedSpan[] commits = [.. trace.Where(span => span.Name == "commit" && span.Attributes.GetValueOrDefault("factory.item.kind") == "GenerateShard")];
        commits.Length.ShouldBe(Peace.Shards);
        List<(ReceivedSpan Dispatch, ReceivedSpan Attempt, ReceivedSpan Commit)> made = [];
        foreach (ReceivedSpan commit in commits)
        {
            List<ReceivedSpan> path = Path(commit, trace);
            path.Select(span => $"{span.Service} {span.Scope}").ShouldBe([
                $"{Coordinator} Factory", $"{Coordinator} MassTransit", $"{Coordinator} MassTransit", $"{Worker} MassTransit", $"{Worker} Factory", $"{Worker} MassTransit", $"{Worker} MassTransit",
                $"{Coordinator} MassTransit", $"{Coordinator} Factory", $"{Coordinator} Microsoft.AspNetCore"]);
            path.Where(span => span.Scope == "Factory").Select(span => span.Name).ShouldBe(["commit", "attempt", "dispatch"]);
            ReceivedSpan attempt = path[4];
            trace.Where(span => span.Parent == attempt.Id && span.Scope == "Factory").Select(span => span.Name).ShouldBe(["load", "prepare", "forward", "encode", "upload"], ignoreOrder: true);
            ItemOf(attempt).ShouldBe(ItemOf(commit));
            made.Add((path[8], attempt, commit));
        }
        commits.Select(ItemOf).ShouldBeUnique();
        // Where shards take a moment, a claim brings more of them than the one that its worker was invited to, which is made first.
        foreach (IGrouping<ReceivedSpan, ReceivedSpan> claimed in made.GroupBy(each => each.Dispatch, each => each.Attempt)) ItemOf(claimed.MinBy(attempt => attempt.Began)!).ShouldBe(ItemOf(claimed.Key));
        trace.Count(span => span.Name == "claim").ShouldBeGreaterThanOrEqualTo(Peace.Shards);
        trace.Where(span => span.Scope == "MassTransit").ShouldAllBe(span => span.Attributes["messaging.system"] == "rabbitmq" && span.Attributes.ContainsKey("messaging.operation.type"));
        collector.Spans.Where(span => span.Name.Contains("progressed", StringComparison.OrdinalIgnoreCase) || span.Name.Contains("seen", StringComparison.OrdinalIgnoreCase)).ShouldBeEmpty("signs of life are in no trace");
        foreach (string secret in new[] { factory.Settings["Api__Key"], factory.Settings["Transport__Password"] }) collector.Spans.SelectMany(span => span.Attributes.Values).ShouldNotContain(value => value.Contains(secret, StringComparison.Ordinal));
        collector.Requests.Keys.ShouldBe(["/v1/traces", "/v1/metrics", "/v1/logs"], ignoreOrder: true);
        if (Environment.GetEnvironmentVariable("FACTORY_UPDATE_DOCS") == "1") Write(Tree(submitted, trace, made.Last(each => ItemOf(each.Commit) == ItemOf(each.Dispatch)).Commit));
    }

    private static string ItemOf(ReceivedSpan span) => span.Attributes["factory.item.id"];

    private static List<ReceivedSpan> Path(ReceivedSpan span, ReceivedSpan[] trace)
    {
        List<ReceivedSpan> path = [span];
        while (trace.FirstOrDefault(each => each.Id == path[^1].Parent) is { } parent) path.Add(parent);
        return path;
    }

    /// <summary>The trace without other items.</summary>
    private static string Tree(ReceivedSpan root, ReceivedSpan[] trace, ReceivedSpan commit)
    {
        string item = ItemOf(commit);
        StringBuilder text = new();
        Add(root, 0);
        return text.ToString();

        void Add(ReceivedSpan span, int depth)
        {
            if (span.Name == "dispatch" && ItemOf(span) != item) return;
            string start = ((span.Began - root.Began) / 1e6).ToString("0.0", CultureInfo.InvariantCulture), took = span.Milliseconds.ToString("0.0", CultureInfo.InvariantCulture);
            string said = string.Join(' ', span.Attributes.Where(attribute => attribute.Key.StartsWith("factory.")).Select(attribute => $"{attribute.Key["factory.".Length..]}={attribute.Value}"));
            text.AppendLine($"{start,9} {took,8}  {span.Service["factory-".Length..],-11} {new string(' ', depth * 2)}{span.Name}  {said}".TrimEnd());
            foreach (ReceivedSpan child in trace.Where(each => each.Parent == span.Id).OrderBy(each => each.Began)) Add(child, depth + 1);
        }
    }

    private static void Write(string tree)
    {
        string? folder = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(folder!, "Factory.sln"))) folder = System.IO.Path.GetDirectoryName(folder);
        string page = System.IO.Path.Combine(folder!, "docs", "telemetry.md");
        File.WriteAllText(page, RecordedTrace().Replace(File.ReadAllText(page), match => match.Groups[1].Value + tree + match.Groups[2].Value));
    }

    [GeneratedRegex(@"(<!-- trace.*?-->\n\n```text\n).*?(```\n\n<!-- /trace -->)", RegexOptions.Singleline)]
    private static partial Regex RecordedTrace();
}
