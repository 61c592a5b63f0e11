using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Tests.Access;
using Factory.Coordinator.Tests.Support;
using Factory.Hosting.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Factory.Coordinator.Tests.Telemetry;

/// <summary>A run's trace: from the request that submitted it to its commits, whoever does them.</summary>
public sealed class TraceTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly RecordedSpans _spans = new();

    public void Dispose()
    {
        _spans.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task RunSubmittedAtOneCoordinator_IsContinuedInItsTraceByAnother()
    {
        int run;
        await using (CoordinatorHost first = await CoordinatorHost.StartAsync(_folder)) run = await SubmitAsync(first);
        await using (CoordinatorHost second = await CoordinatorHost.StartAsync(_folder, new FakeWorker())) (await second.FinishAsync(run)).Run.State.ShouldBe(RunState.Completed);

        List<Activity> commits = [.. _spans.InTrace.Where(span => span.OperationName == "commit")];
        commits.Count.ShouldBe(10, "each item of the run");
        foreach (Activity commit in commits)
        {
            List<Activity> path = _spans.Path(commit);
            path.Select(span => span.Source.Name).ShouldBe([
                "Factory", "MassTransit", "MassTransit", "MassTransit", "MassTransit", "MassTransit", "MassTransit", "Factory", "Microsoft.AspNetCore"]);
            path.Where(span => span.Source.Name == "Factory").Select(span => span.OperationName).ShouldBe(["commit", "dispatch"]);
            path[^1].ParentSpanId.ToString().ShouldBe(_spans.ClientSpan);
            path[0].GetTagItem(FactoryTrace.Item).ShouldBe(path[^2].GetTagItem(FactoryTrace.Item));
            path[0].GetTagItem(FactoryTrace.Run).ShouldBe(run);
        }
        _spans.InTrace.Count(span => span.OperationName == "claim").ShouldBe(10);
        _spans.InTrace.Where(span => span.OperationName == "plan step").Select(span => span.GetTagItem(FactoryTrace.Step))
            .ShouldBe(["classifier", "cams", "generator", "corpus", "scores", "report"], ignoreOrder: true);
        _spans.InTrace.Single(span => span.OperationName == "end run").ParentSpanId.ShouldBe(_spans.Path(commits[0])[^1].SpanId);
    }

    [Fact]
    public async Task ItemsBeyondTheLimit_BeginTracesOfTheirOwn_LinkedToTheRuns()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder, null, new FakeWorker(), services => services.Configure<TelemetryOptions>(options => options.ItemsInRunTrace = 1));
        int run = await SubmitAsync(host);
        await host.FinishAsync(run);

        _spans.InTrace.Where(span => span.OperationName == "dispatch").ShouldAllBe(span => span.GetTagItem(FactoryTrace.ItemKey)!.ToString()!.EndsWith("/0"));
        List<Activity> apart = [.. _spans.Linked.Where(span => span.OperationName == "dispatch")];
        apart.Select(span => span.GetTagItem(FactoryTrace.ItemKey)).ShouldBe(["classifier/1", "corpus/1", "corpus/2", "corpus/3"], ignoreOrder: true);
        apart.ShouldAllBe(span => span.ParentSpanId == default && (int)span.GetTagItem(FactoryTrace.Run)! == run);
        apart.Select(span => span.TraceId).Distinct().Count().ShouldBe(4);
    }

    [Fact]
    public async Task Spans_NameNoImageSubjectOrSecret()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder, null, new FakeWorker(), settings: ("Api:Key", TestAccess.ConfiguredKey));
        int run = await SubmitAsync(host, TestAccess.ConfiguredKey);
        await host.FinishAsync(run);

        string everything = string.Join('\n', _spans.InTrace.SelectMany(span => span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}").Append(span.DisplayName)));
        everything.ShouldContain("factory.run.id=");
        everything.ShouldNotContain(TestAccess.ConfiguredKey);
        everything.ShouldNotContain("images/");
        for (int subject = 0; subject < 16; subject++) everything.ShouldNotContain($"=s{subject}\n");
    }

    private async Task<int> SubmitAsync(CoordinatorHost host, string? key = null)
    {
        await host.RegisterAsync(await TestCollection.MakeAsync(host));
        using HttpClient client = host.Client(key);
        using HttpRequestMessage request = new(HttpMethod.Post, Routes.Runs) { Content = new StringContent(TestRecipe.Small, Encoding.UTF8) };
        request.Headers.Add("traceparent", _spans.TraceParent);
        using HttpResponseMessage response = await client.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<RunSummary>(ContractJson.Options))!.Id;
    }
}
