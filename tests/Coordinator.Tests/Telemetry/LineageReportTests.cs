using System.Net;
using System.Text.Json.Nodes;
using Factory.Coordinator.OpenLineage;
using Factory.Coordinator.Tests.Support;
using Factory.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace Factory.Coordinator.Tests.Telemetry;

/// <summary>Events of lineage, sent to a catalog that answers as it is told.</summary>
public sealed class LineageReportTests : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private readonly HttpListener _catalog = new();
    private readonly Queue<int> _answers = new();
    private readonly List<JsonNode> _events = [];
    private readonly int _port = LoopbackPort.Take(1)[0];
    private Task _serving = Task.CompletedTask;

    public ValueTask InitializeAsync()
    {
        _catalog.Prefixes.Add($"http://127.0.0.1:{_port}/");
        _catalog.Start();
        _serving = ServeAsync();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _catalog.Stop();
        await _serving;
        _folder.Dispose();
    }

    [Fact]
    public async Task Run_IsToldAtItsStartAndItsEnd_AndNotAgain()
    {
        await using CoordinatorHost host = await StartAsync();
        int run = await host.SubmitSmallAsync();
        await RoundAsync(host);
        await RoundAsync(host);
        await host.CompleteRunAsync(run);
        await RoundAsync(host);
        await RoundAsync(host);

        _events.Select(told => (string?)told["eventType"]).ShouldBe(["START", "COMPLETE"]);
        _events.Select(told => (string?)told["run"]!["runId"]).Distinct().Count().ShouldBe(1);
        Guid.Parse((string)_events[0]["run"]!["runId"]!).Version.ShouldBe(8);
        ((string?)_events[0]["inputs"]![0]!["name"]).ShouldBe("collection/eyes");
        _events[1]["outputs"]!.AsArray().Select(output => (string?)output!["name"]).ShouldContain($"corpus/small/{run}/corpus");
        ((string?)_events[1]["schemaURL"]).ShouldBe("https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent");
    }

    [Theory]
    [InlineData(503)]
    [InlineData(401)]
    [InlineData(302)]
    public async Task CatalogThatDoesNotTakeAnEvent_IsToldItLater(int answer)
    {
        _answers.Enqueue(answer);
        await using CoordinatorHost host = await StartAsync();
        await host.SubmitSmallAsync();
        await RoundAsync(host);
        (await host.RunAsync(1)).LineageTold.ShouldBeNull();

        await RoundAsync(host);

        _events.Select(told => (string?)told["eventType"]).ShouldBe(["START", "START"]);
        (await host.RunAsync(1)).LineageTold.ShouldBe("START");
    }

    [Fact]
    public async Task EventThatIsRefusedForWhatItIs_HoldsUpNoOther()
    {
        _answers.Enqueue(422);
        await using CoordinatorHost host = await StartAsync();
        await host.SubmitSmallAsync();
        await host.SubmitAsync(TestRecipe.Small);

        await RoundAsync(host);
        await RoundAsync(host);

        _events.Count.ShouldBe(2);
    }

    [Fact]
    public async Task CatalogThatIsAway_StopsNoRun()
    {
        await using CoordinatorHost host = await StartAsync();
        int run = await host.SubmitSmallAsync();
        _catalog.Stop();
        await RoundAsync(host);

        (await host.CompleteRunAsync(run)).State.ShouldBe(Contracts.RunState.Completed);
        (await host.RunAsync(run)).LineageTold.ShouldBeNull();
    }

    [Fact]
    public async Task CanceledAndRevivedRun_IsToldAborted_AndBegunAnew()
    {
        await using CoordinatorHost host = await StartAsync();
        int run = await host.SubmitSmallAsync();
        await host.CancelAsync(run);
        await RoundAsync(host);
        await host.RetryAsync(run);
        await RoundAsync(host);

        _events.Select(told => (string?)told["eventType"]).ShouldBe(["START", "ABORT", "START"]);
    }

    private Task<CoordinatorHost> StartAsync() => CoordinatorHost.StartAsync(
        _folder, null, added: services => services.AddSingleton<LineageReports>().Configure<OpenLineageOptions>(options => options.Endpoint = $"http://127.0.0.1:{_port}/"));

    private static Task RoundAsync(CoordinatorHost host) => host.Service<LineageReports>().RoundAsync(CancellationToken.None);

    private async Task ServeAsync()
    {
        while (_catalog.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _catalog.GetContextAsync();
            }
            catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            context.Request.Url!.AbsolutePath.ShouldBe("/api/v1/lineage");
            _events.Add((await JsonNode.ParseAsync(context.Request.InputStream))!);
            context.Response.StatusCode = _answers.TryDequeue(out int answer) ? answer : 201;
            if (answer == 302) context.Response.RedirectLocation = "http://127.0.0.1:1/elsewhere";
            context.Response.Close();
        }
    }
}
