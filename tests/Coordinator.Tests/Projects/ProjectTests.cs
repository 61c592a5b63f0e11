using System.Net;
using System.Net.Http.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Tests.Access;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Tests.Projects;

public sealed class ProjectTests() : ProjectContract(DatabaseProvider.Sqlite);

public sealed class ProjectTestsOnPostgres() : ProjectContract(DatabaseProvider.PostgreSql);

public abstract class ProjectContract(DatabaseProvider provider) : CoordinatorContract(provider)
{
    [Fact]
    public async Task ConfinedKeys_DoAllTheyNeedInTheirProject()
    {
        await using CoordinatorHost host = await StartAsync();
        using HttpClient steward = await host.ConfinedAsync(ApiRole.Steward, "north"), runner = await host.ConfinedAsync(ApiRole.Operator, "north");
        NewCollectionVersion version = await TestCollection.MakeAsync(host);
        // Lying in the store is not enough for whoever cannot see it there.
        (await (await steward.PostAsJsonAsync("/api/collections/eyes/versions", version, ContractJson.Options)).ShouldRefuseAsync(400)).ShouldContain("was not uploaded");
        // Nor does the answer tell whether a blob lies there: the first that was not shown is named, whatever the store has.
        CollectionImageEntry elsewhere = version.Images[0] with { Path = "z.png" }, nowhere = version.Images[1] with { Path = "a.png", Image = version.Images[1].Image with { Digest = Sha256Digest.Of([1, 2, 3]) } };
        (await (await steward.PostAsJsonAsync("/api/collections/eyes/versions", version with { Images = [elsewhere, nowhere] }, ContractJson.Options)).ShouldRefuseAsync(400)).ShouldContain("z.png");
        foreach (CollectionImageEntry image in version.Images) await PutAsync(steward, await ReadAsync(host, image.Image.Digest));

        (await steward.RegisterAsync(version)).Collection.Project.ShouldBe("north");
        int runId = await runner.SubmitAsync();
        await host.CompleteRunAsync(runId);

        RunSnapshot run = (await runner.GetFromJsonAsync<RunSnapshot>($"{Routes.Runs}/{runId}", ContractJson.Options))!;
        (run.Run.Project, run.Run.State).ShouldBe(("north", RunState.Completed));
        Sample sample = await host.ReadAsync(database => database.Samples.OrderBy(row => row.Index).FirstAsync());
        (await runner.GetFromJsonAsync<SampleExplanation>($"/api/samples/{sample.Key}", ContractJson.Options))!.RunId.ShouldBe(runId);
        CheckpointDetail made = (await runner.GetFromJsonAsync<List<CheckpointDetail>>(Routes.Checkpoints, ContractJson.Options))![0];
        (await steward.AskAsync<CheckpointDetail>(Routes.Checkpoints, Registration(made, "again"))).Project.ShouldBe("north");
    }

    [Fact]
    public async Task NamesAndKeysOfSamples_AreEachProjectsOwn()
    {
        await using CoordinatorHost host = await StartAsync();
        using HttpClient north = host.AdminOf("north"), south = host.AdminOf("south"), all = host.Client(TestAccess.ConfiguredKey);
        int[] runs = new int[2];
        foreach ((HttpClient project, int index) in new[] { (north, 0), (south, 1) })
        {
            await project.RegisterAsync(await TestCollection.MakeAsync(host));
            runs[index] = await project.SubmitAsync();
            await host.CompleteRunAsync(runs[index]);
        }

        string key = (await host.ReadAsync(database => database.Samples.OrderBy(sample => sample.Index).FirstAsync())).Key;
        (await north.GetFromJsonAsync<SampleExplanation>($"/api/samples/{key}", ContractJson.Options))!.RunId.ShouldBe(runs[0]);
        (await south.GetFromJsonAsync<SampleExplanation>($"/api/samples/{key}", ContractJson.Options))!.RunId.ShouldBe(runs[1]);
        (await all.GetFromJsonAsync<List<CollectionSummary>>(Routes.Collections, ContractJson.Options))!.Select(collection => collection.Project).ShouldBe(["north", "south"]);
        (await (await all.GetAsync("/api/collections/eyes")).ShouldRefuseAsync(400)).ShouldBe("there is a collection eyes in each of the projects north, south; say which one is meant (--project).");
        // Each computed its CAMs itself.
        (await host.ReadAsync(database => database.CamRows.GroupBy(row => row.ProjectId).CountAsync())).ShouldBe(2);
    }

    [Fact]
    public async Task RunsNameCheckpointsOfTheirOwnProjectOnly()
    {
        await using CoordinatorHost host = await StartAsync();
        using HttpClient north = host.AdminOf("north"), south = host.AdminOf("south"), all = host.Client(TestAccess.ConfiguredKey);
        await north.RegisterAsync(await TestCollection.MakeAsync(host));
        await host.CompleteRunAsync(await north.SubmitAsync());
        CheckpointDetail classifier = (await north.GetFromJsonAsync<List<CheckpointDetail>>(Routes.Checkpoints, ContractJson.Options))!.First(checkpoint => checkpoint.Kind == CheckpointKinds.Classifier);
        await south.RegisterAsync(await TestCollection.MakeAsync(host), "others");
        string recipe = $"{TestRecipe.Head.Replace("collection: eyes", "collection: others", StringComparison.Ordinal)}\n  cams:\n    kind: ComputeCams\n    classifier: checkpoint:{classifier.Name}\n";

        (await (await all.PostAsync(Routes.Runs, new StringContent(recipe))).ShouldRefuseAsync(404)).ShouldContain(classifier.Name);
    }

    [Fact]
    public async Task KeyOfSeveralProjects_SaysWhichOneItMeans()
    {
        await using CoordinatorHost host = await StartAsync();
        using HttpClient both = await host.ConfinedAsync(ApiRole.Steward, "north", "south");
        using HttpResponseMessage unsaid = await PutAsync(both, [1, 2, 3]);
        (await unsaid.ShouldRefuseAsync(400)).ShouldBe("say which project this is for (--project): north or south.");

        both.DefaultRequestHeaders.Add(Routes.ProjectHeader, "south");
        (await PutAsync(both, [1, 2, 3])).EnsureSuccessStatusCode();

        (await both.GetFromJsonAsync<List<ProjectDetail>>(Routes.Projects, ContractJson.Options))!.Select(project => (project.Name, project.Bytes)).ShouldBe([("south", 3)]);
    }

    [Fact]
    public async Task ProjectThatIsNotSeen_IsNotThere()
    {
        await using CoordinatorHost host = await StartAsync();
        using HttpClient south = await host.ConfinedAsync(ApiRole.Viewer, "south");
        south.DefaultRequestHeaders.Add(Routes.ProjectHeader, "north");

        (await (await south.GetAsync(Routes.Collections)).ShouldRefuseAsync(404)).ShouldBe("there is no project 'north'; see factory project list.");
    }

    [Fact]
    public async Task WhatIsOfTheWholeFactory_IsNotForConfinedKeys()
    {
        await using CoordinatorHost host = await StartAsync();
        using HttpClient south = await host.ConfinedAsync(ApiRole.Steward, "south");

        string told = await (await south.GetAsync(Routes.Audit)).ShouldRefuseAsync(403);

        told.ShouldMatch(@"^this is of the whole factory; steward-south \([0-9a-f]{12}\) sees the projects south only\.$");
        (await host.ReadAsync(database => database.AuditRows.OrderByDescending(row => row.Id).FirstAsync())).Detail.ShouldBe(told);
    }

    [Theory]
    [InlineData(ApiRole.Admin, "north", HttpStatusCode.BadRequest)]
    [InlineData(ApiRole.Worker, "north", HttpStatusCode.BadRequest)]
    [InlineData(ApiRole.Viewer, "nowhere", HttpStatusCode.NotFound)]
    [InlineData(ApiRole.Viewer, null, HttpStatusCode.BadRequest)]
    public async Task KeyThatCannotBeConfinedSo_IsRefused(ApiRole role, string? project, HttpStatusCode status)
    {
        await using CoordinatorHost host = await StartAsync();
        using HttpClient admin = host.Client(TestAccess.ConfiguredKey);

        using HttpResponseMessage response = await admin.PostAsJsonAsync(Routes.Keys, new NewApiKey { Name = "ci", Role = role, Projects = project is null ? [] : [project] }, ContractJson.Options);

        await response.ShouldRefuseAsync((int)status);
        (await host.ReadAsync(database => database.ApiKeys.CountAsync())).ShouldBe(0);
    }

    [Fact]
    public async Task KeyTellsItsProjects()
    {
        await using CoordinatorHost host = await StartAsync();
        using HttpClient admin = host.Client(TestAccess.ConfiguredKey), south = await host.ConfinedAsync(ApiRole.Viewer, "south");
        await host.MakeKeyAsync(ApiRole.Viewer, name: "free");

        (await admin.GetFromJsonAsync<List<ApiKeyDetail>>(Routes.Keys, ContractJson.Options))!.Select(key => (key.Name, key.Projects is { } projects ? string.Join(",", projects) : "all"))
            .ShouldBe([("free", "all"), ("viewer-south", "south")]);
    }

    [Theory]
    [InlineData("North", 1, null, 400)]
    [InlineData("north", 1, null, 409)]
    [InlineData("default", null, null, 409)]
    [InlineData("east", -1, null, 400)]
    [InlineData("east", null, -1, 400)]
    public async Task ProjectThatCannotBe_IsRefused(string name, int? images, int? bytes, int status)
    {
        await using CoordinatorHost host = await StartAsync();
        using HttpClient admin = host.Client(TestAccess.ConfiguredKey);

        await (await admin.PostAsJsonAsync(Routes.Projects, new NewProject { Name = name, Quotas = new() { Images = images, Bytes = bytes } }, ContractJson.Options)).ShouldRefuseAsync(status);

        (await admin.GetFromJsonAsync<List<ProjectDetail>>(Routes.Projects, ContractJson.Options))!.Select(project => project.Name).ShouldBe(["default", "north", "south"]);
    }

    [Fact]
    public async Task Quotas_AreSetTogether_AndAudited()
    {
        await using CoordinatorHost host = await StartAsync();
        using HttpClient admin = host.Client(TestAccess.ConfiguredKey);

        await admin.AskAsync<ProjectDetail>("/api/projects/north/quotas", new ProjectQuotas { Images = 10, Bytes = 20 });
        ProjectDetail set = await admin.AskAsync<ProjectDetail>("/api/projects/north/quotas", new ProjectQuotas { Images = 30 });

        set.Quotas.ShouldBe(new ProjectQuotas { Images = 30 });
        (await host.ProjectAsync("north")).Quotas.ShouldBe(set.Quotas);
        (await host.ReadAsync(database => database.AuditRows.Where(row => row.Action == "project.quotas").Select(row => row.Target).ToListAsync())).ShouldBe(["/api/projects/north/quotas", "/api/projects/north/quotas"]);
    }

    [Fact]
    public async Task PreparedImageOfAnotherProject_IsNotTakenForGranted()
    {
        await using CoordinatorHost host = await StartAsync();
        using HttpClient north = await host.ConfinedAsync(ApiRole.Steward, "north"), south = await host.ConfinedAsync(ApiRole.Steward, "south");
        CollectionImageEntry image = await TestCollection.ImageAsync(host, 1);
        PreparedImageEntry entry = new() { Source = image.Source, Preprocessing = Sha256Digest.Of("steps"u8), Image = image.Image, Width = 64, Height = 64 };
        PreparedLookup lookup = new() { Preprocessing = entry.Preprocessing, Sources = [entry.Source] };
        (await north.PostAsJsonAsync(Routes.PreparedImages, new[] { entry }, ContractJson.Options)).EnsureSuccessStatusCode();

        (await south.AskAsync<List<PreparedImageEntry>>(Routes.PreparedLookup, lookup)).ShouldBeEmpty();
        (await north.AskAsync<List<PreparedImageEntry>>(Routes.PreparedLookup, lookup)).Single().Image.Digest.ShouldBe(entry.Image.Digest);
    }

    private async Task<CoordinatorHost> StartAsync()
    {
        CoordinatorHost host = await TestAccess.StartClosedAsync(Folder);
        foreach (string name in new[] { "north", "south" }) await host.MakeProjectAsync(name);
        return host;
    }

    private static NewCheckpoint Registration(CheckpointDetail made, string name) =>
        new() { Name = name, Object = made.Object, Kind = made.Kind, Architecture = made.Architecture, Categories = made.Categories, Size = made.Size };

    private static Task<HttpResponseMessage> PutAsync(HttpClient client, byte[] content) => client.PutAsync($"/api/objects/{Sha256Digest.Of(content).Hex}", new ByteArrayContent(content));

    private static async Task<byte[]> ReadAsync(CoordinatorHost host, Sha256Digest digest)
    {
        await using Stream stream = await host.Objects.OpenReadAsync(digest, CancellationToken.None);
        using MemoryStream copy = new();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }
}
