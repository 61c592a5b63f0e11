using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Work;
using Factory.Coordinator.Access;
using Factory.Coordinator.Tests.Access;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Tests.Projects;

public sealed class ForeignProjectTests() : ForeignProjectContract(DatabaseProvider.Sqlite);

public sealed class ForeignProjectTestsOnPostgres() : ForeignProjectContract(DatabaseProvider.PostgreSql);

/// <summary>Whoever is confined to the project south gets the answers of a factory in which the project north has nothing, whatever it asks for.</summary>
public abstract partial class ForeignProjectContract(DatabaseProvider provider) : CoordinatorContract(provider)
{
    private const string North = "north", South = "south";

    private static readonly JsonSerializerOptions WithCycles = new(ContractJson.Options) { ReferenceHandler = System.Text.Json.Serialization.ReferenceHandler.IgnoreCycles };

    // What is told of the factory as a whole, without names: counts and times.
    private static readonly string[] OfTheWhole = ["GET /metrics"];

    [Fact]
    public async Task EveryEndpoint_AnswersAsIfTheOtherProjectHadNothing_AndChangesNothingOfIt()
    {
        using TestFolder emptyFolder = await TestFolder.CreateAsync(Provider);
        await using CoordinatorHost host = await StartAsync(Folder), empty = await StartAsync(emptyFolder);
        Things things = await FillNorthAsync(host);
        await host.DeliverAsync(Seen(host, [things.Checkpoint.Digest]));
        await empty.DeliverAsync(Seen(empty, []));
        string before = await NorthAsync(host);
        List<string> told = [];
        foreach (ApiRole role in new[] { ApiRole.Viewer, ApiRole.Operator, ApiRole.Steward })
        {
            using HttpClient foreign = await host.ConfinedAsync(role, South), twin = await empty.ConfinedAsync(role, South);
            foreach ((MappedEndpoint endpoint, Func<HttpRequestMessage> request) in Requests(host, things).Where(asked => !OfTheWhole.Contains(asked.Endpoint.Name)))
            {
                string answer = await AnswerAsync(foreign, request()), expected = await AnswerAsync(twin, request());
                if (answer != expected) told.Add($"{role} {endpoint.Name}: {answer}, not {expected}");
            }
        }

        told.ShouldBeEmpty();
        (await NorthAsync(host)).ShouldBe(before);
    }

    [Fact]
    public async Task OwnProject_AnswersTheSameRequests()
    {
        await using CoordinatorHost host = await StartAsync(Folder);
        Things things = await FillNorthAsync(host);
        using HttpClient own = await host.ConfinedAsync(ApiRole.Steward, North);

        foreach ((MappedEndpoint endpoint, Func<HttpRequestMessage> request) in Requests(host, things).Where(asked => asked.Endpoint.Method is "GET" or "HEAD" && asked.Endpoint.Right is not (Rights.Audit or Rights.Examine or Rights.Administer)))
        {
            using HttpResponseMessage response = await own.SendAsync(request(), HttpCompletionOption.ResponseHeadersRead);
            response.StatusCode.ShouldBe(HttpStatusCode.OK, endpoint.Name);
        }
    }

    [Fact]
    public async Task EveryBlobThatARunNames_IsThereForItsProjectAlone()
    {
        await using CoordinatorHost host = await StartAsync(Folder);
        Things things = await FillNorthAsync(host);
        using HttpClient own = await host.ConfinedAsync(ApiRole.Viewer, North), foreign = await host.ConfinedAsync(ApiRole.Viewer, South);
        string snapshot = await own.GetStringAsync($"{Routes.Runs}/{things.RunId}");
        List<string> digests = await host.ReadAsync(async database =>
            (await database.WorkItems.Where(item => item.Result != null).Select(item => item.Result!).ToListAsync()).Append(snapshot).SelectMany(text => BlobDigest().Matches(text).Select(match => match.Groups[1].Value)).Distinct().ToList());
        digests.Count.ShouldBeGreaterThan(10);

        foreach (string digest in digests)
        {
            (await own.GetAsync($"/api/objects/{digest}")).StatusCode.ShouldBe(HttpStatusCode.OK, digest);
            (await foreign.GetAsync($"/api/objects/{digest}")).StatusCode.ShouldBe(HttpStatusCode.NotFound, digest);
        }
    }

    private static async Task<CoordinatorHost> StartAsync(TestFolder folder)
    {
        CoordinatorHost host = await TestAccess.StartClosedAsync(folder);
        foreach (string name in new[] { North, South }) await host.MakeProjectAsync(name);
        return host;
    }

    /// <summary>Gives north a collection, prepared images and a completed run.</summary>
    private static async Task<Things> FillNorthAsync(CoordinatorHost host)
    {
        using HttpClient north = host.AdminOf(North);
        NewCollectionVersion version = await TestCollection.MakeAsync(host);
        PreparedImageEntry[] prepared =
            [.. version.Images.Select(image => new PreparedImageEntry { Source = image.Source, Preprocessing = Sha256Digest.Of("steps"u8), Image = image.Image, Width = image.Width, Height = image.Height })];
        (await north.PostAsync(Routes.PreparedImages, Json(prepared))).EnsureSuccessStatusCode();
        await north.RegisterAsync(version);
        int runId = await north.SubmitAsync();
        await host.CompleteRunAsync(runId);
        // Another is in work.
        int going = await north.SubmitAsync();
        await host.AdvanceAsync(going);
        await host.ClaimAsync((await host.OpenAsync(going))[0].Id);
        return await host.ReadAsync(async database => new Things(
            runId, version, prepared, (await database.Checkpoints.OrderBy(checkpoint => checkpoint.Id).FirstAsync()), (await database.Samples.OrderBy(sample => sample.Index).FirstAsync()).Key));
    }

    /// <summary>A sign of the worker that works by hand.</summary>
    private static WorkerSeen Seen(CoordinatorHost host, IReadOnlyList<Sha256Digest> checkpoints) => new()
    {
        Worker = "by hand",
        Build = "0.1.0",
        Device = "cpu",
        DeviceName = "a hand",
        Checkpoints = checkpoints,
        StartedAt = host.Time.GetUtcNow().UtcDateTime,
        SentAt = host.Time.GetUtcNow().UtcDateTime,
    };

    /// <summary>A request to each endpoint that names what north has, wherever it names something.</summary>
    private static IEnumerable<(MappedEndpoint Endpoint, Func<HttpRequestMessage> Request)> Requests(CoordinatorHost host, Things things)
    {
        foreach (MappedEndpoint endpoint in host.Endpoints())
        {
            string path = endpoint.Path.Replace("{id:int}", $"{things.RunId}", StringComparison.Ordinal).Replace("{key}", things.SampleKey, StringComparison.Ordinal)
                .Replace("{digest}", things.Checkpoint.Digest.Hex, StringComparison.Ordinal).Replace("{id}", "3f9c02d1a7b4", StringComparison.Ordinal)
                .Replace("{reference}", endpoint.Path.StartsWith(Routes.Checkpoints, StringComparison.Ordinal) ? things.Checkpoint.Name : TestCollection.Name, StringComparison.Ordinal)
                .Replace("{name}", endpoint.Path.StartsWith(Routes.Projects, StringComparison.Ordinal) ? North : TestCollection.Name, StringComparison.Ordinal);
            path.ShouldNotContain("{", Case.Sensitive, $"say what north has for {endpoint.Name}");
            yield return (endpoint, () => new(new(endpoint.Method), path) { Content = endpoint.Method is "GET" or "HEAD" ? null : BodyOf(endpoint, things) });
        }
    }

    private static HttpContent BodyOf(MappedEndpoint endpoint, Things things) => endpoint.Path switch
    {
        Routes.Runs or Routes.RecipePlan => new StringContent(TestRecipe.Small),
        Routes.CollectionVersions => Json(things.Version),
        Routes.PreparedImages => Json(things.Prepared),
        Routes.PreparedLookup => Json(new PreparedLookup { Preprocessing = things.Prepared[0].Preprocessing, Sources = [.. things.Prepared.Select(entry => entry.Source)] }),
        Routes.SubjectLineage => Json(new SubjectQuery { Collection = TestCollection.Name, Subject = "s4" }),
        Routes.Checkpoints => Json(new NewCheckpoint
        {
            Name = "mine",
            Object = things.Checkpoint.ToObjectRef(),
            Kind = things.Checkpoint.Kind,
            Architecture = things.Checkpoint.Architecture,
            Categories = things.Checkpoint.Categories,
            Size = things.Checkpoint.Size,
        }),
        _ => new StringContent("{}", System.Text.Encoding.UTF8, "application/json"),
    };

    private static StringContent Json(object body) => new(JsonSerializer.Serialize(body, ContractJson.Options), System.Text.Encoding.UTF8, "application/json");

    private static async Task<string> AnswerAsync(HttpClient client, HttpRequestMessage request)
    {
        using HttpResponseMessage response = await client.SendAsync(request);
        // The caller's own key, and the trace of the request.
        return $"{(int)response.StatusCode} {response.Content.Headers.ContentLength is > 0} {OfTheRequest().Replace(await response.Content.ReadAsStringAsync(), "...")}";
    }

    /// <summary>All that north has.</summary>
    private static Task<string> NorthAsync(CoordinatorHost host) => host.ReadAsync(async database =>
    {
        Project north = await database.Projects.SingleAsync(project => project.Name == North);
        database.VisibleProjects = [north.Id];
        return JsonSerializer.Serialize(
            new
            {
                north,
                Collections = await database.CollectionVersions.Include(version => version.Collection).OrderBy(version => version.Id).ToListAsync(),
                Runs = await database.Runs.Include(run => run.Steps).OrderBy(run => run.Id).ToListAsync(),
                Items = await database.WorkItems.OrderBy(item => item.Id).Select(item => new { item.Id, item.State, item.AttemptCount, item.Artifact }).ToListAsync(),
                Checkpoints = await database.Checkpoints.OrderBy(checkpoint => checkpoint.Id).ToListAsync(),
                Prepared = await database.PreparedImages.OrderBy(image => image.Source).ToListAsync(),
                Objects = await database.ProjectObjects.OrderBy(stored => stored.Digest).ToListAsync(),
                Cams = await database.CamRows.OrderBy(row => row.Image).ToListAsync(),
            },
            WithCycles);
    });

    [GeneratedRegex("\"digest\":\"([0-9a-f]{64})\",\"bytes\"")]
    private static partial Regex BlobDigest();

    [GeneratedRegex(@"\([0-9a-f]{12}\)|""traceId"":""[^""]*""")]
    private static partial Regex OfTheRequest();

    private sealed record Things(int RunId, NewCollectionVersion Version, PreparedImageEntry[] Prepared, Checkpoint Checkpoint, string SampleKey);
}
