using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Tests.Support;

namespace Factory.Coordinator.Tests.Http;

public sealed class RefusalTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("GET", "/api/runs/99", 404, "")]
    [InlineData("GET", "/api/runs/99/snapshots", 404, "")]
    [InlineData("POST", "/api/runs/99/cancel", 404, "")]
    [InlineData("POST", "/api/runs/99/retry", 404, "")]
    [InlineData("POST", "/api/runs", 400, "steps: [")]
    [InlineData("POST", "/api/runs", 400, "")]
    [InlineData("POST", "/api/runs", 404, TestRecipe.Small)]
    [InlineData("POST", "/api/recipes/plan", 404, TestRecipe.Small)]
    [InlineData("GET", "/api/collections/eyes", 404, "")]
    [InlineData("GET", "/api/collections/eyes@latest", 400, "")]
    [InlineData("GET", "/api/objects/xyz", 400, "")]
    [InlineData("GET", "/api/objects/..%2f..%2fetc%2fpasswd", 400, "")]
    [InlineData("GET", "/api/objects/%2fetc%2fpasswd", 400, "")]
    [InlineData("GET", "/api/objects/..%5c..%5cfactory.db", 400, "")]
    [InlineData("PUT", "/api/objects/..%2fstaging%2fx", 400, "bytes")]
    [InlineData("GET", "/api/samples/..%2f..%2fetc%2fpasswd", 404, "")]
    [InlineData("GET", "/api/checkpoints/..%2f..%2fetc%2fpasswd", 404, "")]
    [InlineData("GET", "/api/objects/0000000000000000000000000000000000000000000000000000000000000000", 404, "")]
    [InlineData("PUT", "/api/objects/0000000000000000000000000000000000000000000000000000000000000000", 400, "other bytes")]
    [InlineData("GET", "/api/checkpoints/published", 404, "")]
    [InlineData("GET", "/api/samples/0123-4567", 404, "")]
    [InlineData("POST", "/api/samples/0123-4567/regenerate", 404, "")]
    public async Task Refusal_IsProblemDetailsWithOneLine(string method, string path, int status, string body)
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        using HttpClient client = new() { BaseAddress = host.Url };

        using HttpResponseMessage response = await client.SendAsync(new(new(method), path) { Content = new StringContent(body) });

        await response.ShouldRefuseAsync(status);
    }

    [Theory]
    [InlineData("/api/checkpoints")]
    [InlineData("/api/collections/eyes/versions")]
    [InlineData("/api/prepared-images/lookup")]
    public async Task BodyThatIsNotWhatIsAskedFor_IsRefused(string path)
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        using HttpClient client = new() { BaseAddress = host.Url };

        using HttpResponseMessage response = await client.PostAsync(path, new StringContent("""{ "name": 3 }""", Encoding.UTF8, "application/json"));

        await response.ShouldRefuseAsync(400);
    }

    [Fact]
    public async Task BodyLargerThanAnEndpointTakes_IsRefused()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        using HttpClient client = PatientClient(host);

        using HttpRequestMessage request = new(HttpMethod.Post, Routes.PreparedLookup) { Content = new StringContent(new string(' ', (16 << 20) + 1), Encoding.UTF8, "application/json") };
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage response = await client.SendAsync(request);

        await response.ShouldRefuseAsync(413);
    }

    [Fact]
    public async Task RequestLargerThanTheServerTakes_IsRefusedBeforeItIsSent()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        using HttpClient client = PatientClient(host);
        using HttpRequestMessage request = new(HttpMethod.Post, Routes.Checkpoints) { Content = new ByteArrayContent(new byte[31_000_000]) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.ExpectContinue = true;

        using HttpResponseMessage response = await client.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await response.Content.ReadAsStringAsync()).ShouldContain("the body is larger than POST /api/checkpoints takes.");
    }

    [Fact]
    public async Task InvalidRecipe_ListsEachError()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        using HttpClient client = new() { BaseAddress = host.Url };

        using HttpResponseMessage response = await client.PostAsync(
            Routes.Runs + "?file=mine.yaml", new StringContent(TestRecipe.Head + "\n  a: { kind: Nothing }\n  b: { kind: FineTune, from: nowhere, wdith: 3 }"));

        using JsonDocument problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        List<string?> errors = [.. problem.RootElement.GetProperty("errors").EnumerateArray().Select(error => error.GetString())];
        errors.Count.ShouldBeGreaterThan(1);
        errors.ShouldAllBe(error => error!.StartsWith("mine.yaml"));
    }

    [Fact]
    public async Task BlobThatIsUploaded_CanBeFetchedAndAskedFor()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        using HttpClient client = new() { BaseAddress = host.Url };
        byte[] content = [1, 2, 3];
        string path = "/api/objects/" + Sha256Digest.Of(content).Hex;

        (await client.SendAsync(new(HttpMethod.Head, path))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await client.PutAsync(path, new ByteArrayContent(content))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetByteArrayAsync(path)).ShouldBe(content);
        (await client.SendAsync(new(HttpMethod.Head, path))).Content.Headers.ContentLength.ShouldBe(3);
    }

    [Fact]
    public async Task SubmittedRun_IsSnapshottedOverHttp()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        int runId = await host.SubmitSmallAsync();
        using HttpClient client = new() { BaseAddress = host.Url };

        RunSnapshot snapshot = (await client.GetFromJsonAsync<RunSnapshot>($"/api/runs/{runId}", ContractJson.Options))!;

        snapshot.Run.State.ShouldBe(RunState.Submitted);
        snapshot.Steps.Select(step => step.Name).ShouldBe(["classifier", "cams", "generator", "corpus", "scores", "report"]);
    }

    // The server ends the connection on who goes on sending: some clients see that before the answer. This one waits to be asked for the body, however busy the machine.
    private static HttpClient PatientClient(CoordinatorHost host) => new(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) }) { BaseAddress = host.Url };
}
