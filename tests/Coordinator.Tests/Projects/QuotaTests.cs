using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Tests.Access;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Tests.Projects;

public sealed class QuotaTests() : QuotaContract(DatabaseProvider.Sqlite);

public sealed class QuotaTestsOnPostgres() : QuotaContract(DatabaseProvider.PostgreSql);

/// <summary>The usual collection has 16 images, the usual recipe makes 30 samples.</summary>
public abstract class QuotaContract(DatabaseProvider provider) : CoordinatorContract(provider)
{
    private const string Clinic = "clinic";

    [Fact]
    public async Task LastRoom_IsReservedOnce_HoweverManyRunsAreSubmittedAtOnce()
    {
        await using CoordinatorHost host = await StartAsync(images: 16 + 30 + 29);
        using HttpClient clinic = host.AdminOf(Clinic);
        await clinic.RegisterAsync(await TestCollection.MakeAsync(host));

        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => clinic.PostAsync(Routes.Runs, new StringContent(TestRecipe.Small))));

        answers.Select(answer => answer.StatusCode).Order().ShouldBe([HttpStatusCode.Created, .. Enumerable.Repeat(HttpStatusCode.Conflict, 5)]);
        (await answers.First(answer => answer.StatusCode == HttpStatusCode.Conflict).ShouldRefuseAsync(409))
            .ShouldBe("project clinic: 46 of 75 images are used (30 of them by runs that are not over); this run makes 30 more.");
        (await host.ProjectAsync(Clinic)).ShouldSatisfyAllConditions(project => project.Images.ShouldBe(16), project => project.ReservedImages.ShouldBe(30));
        (await host.ReadAsync(database => database.Runs.CountAsync())).ShouldBe(1);
    }

    [Fact]
    public async Task RefusalOfARun_IsInTheAuditLog_WithTheFigures()
    {
        await using CoordinatorHost host = await StartAsync(images: 20);
        using HttpClient clinic = host.AdminOf(Clinic);
        await clinic.RegisterAsync(await TestCollection.MakeAsync(host));

        string told = await (await clinic.PostAsync(Routes.Runs, new StringContent(TestRecipe.Small))).ShouldRefuseAsync(409);

        told.ShouldBe("project clinic: 16 of 20 images are used; this run makes 30 more.");
        AuditRow row = await host.ReadAsync(database => database.AuditRows.OrderByDescending(entry => entry.Id).FirstAsync());
        (row.Action, row.Outcome, row.Detail).ShouldBe(("run.submit", AuditOutcome.Refused, told));
    }

    [Fact]
    public async Task RunThatIsOver_CountsWhatItMade()
    {
        await using CoordinatorHost host = await StartAsync(images: 46);
        using HttpClient clinic = host.AdminOf(Clinic);
        await clinic.RegisterAsync(await TestCollection.MakeAsync(host));
        int runId = await clinic.SubmitAsync();
        long imported = (await host.ProjectAsync(Clinic)).Bytes;

        await host.CompleteRunAsync(runId);

        ProjectDetail project = await host.ProjectAsync(Clinic);
        (project.Images, project.ReservedImages).ShouldBe((16 + await host.SamplesAsync(), 0));
        long made = await host.ReadAsync(database => database.ProjectObjects.Where(stored => stored.RunId == runId).SumAsync(stored => stored.Bytes));
        made.ShouldBeGreaterThan(0);
        project.Bytes.ShouldBe(imported + made);
        (await host.RunAsync(runId)).CountedBytes.ShouldBe(made);
    }

    [Fact]
    public async Task BytesOfARunThatGoesOn_CountAlready()
    {
        await using CoordinatorHost host = await StartAsync();
        using HttpClient clinic = host.AdminOf(Clinic);
        await clinic.RegisterAsync(await TestCollection.MakeAsync(host));
        int runId = await clinic.SubmitAsync();
        long before = (await host.ProjectAsync(Clinic)).Bytes;
        await host.AdvanceAsync(runId);

        await host.CompleteAsync((await host.OpenAsync(runId))[0]);

        (await host.ProjectAsync(Clinic)).Bytes.ShouldBeGreaterThan(before);
    }

    [Fact]
    public async Task RunThatIsCanceled_GivesBackWhatItDidNotMake_AndReservesItAgainWhenItIsRevived()
    {
        await using CoordinatorHost host = await StartAsync(images: 46);
        using HttpClient clinic = host.AdminOf(Clinic);
        await clinic.RegisterAsync(await TestCollection.MakeAsync(host));
        int runId = await clinic.SubmitAsync();
        await host.AdvanceAsync(runId);
        List<WorkItem> open = await host.OpenAsync(runId);
        while (open[0].Kind != "GenerateShard")
        {
            foreach (WorkItem item in open) await host.CompleteAsync(item);
            await host.AdvanceAsync(runId);
            open = await host.OpenAsync(runId);
        }
        await host.CompleteAsync(open[0]);
        int made = await host.SamplesAsync();

        await host.CancelAsync(runId);
        ProjectDetail canceled = await host.ProjectAsync(Clinic);
        await host.RetryAsync(runId);
        ProjectDetail revived = await host.ProjectAsync(Clinic);
        await host.CompleteRunAsync(runId);
        ProjectDetail over = await host.ProjectAsync(Clinic);

        (canceled.Images, canceled.ReservedImages).ShouldBe((16 + made, 0));
        (revived.Images, revived.ReservedImages).ShouldBe((16 + made, 30 - made));
        (over.Images, over.ReservedImages).ShouldBe((16 + await host.SamplesAsync(), 0));
        over.Bytes.ShouldBe(await host.ReadAsync(database => database.ProjectObjects.Where(stored => stored.ProjectId != Project.DefaultId).SumAsync(stored => stored.Bytes)));
    }

    [Fact]
    public async Task RunWhoseRoomIsGone_IsNotRevived()
    {
        await using CoordinatorHost host = await StartAsync(images: 46);
        using HttpClient clinic = host.AdminOf(Clinic);
        await clinic.RegisterAsync(await TestCollection.MakeAsync(host));
        int first = await clinic.SubmitAsync();
        await host.CancelAsync(first);
        await clinic.SubmitAsync();

        await (await clinic.PostAsync($"{Routes.Runs}/{first}/retry", null)).ShouldRefuseAsync(409);

        (await host.RunAsync(first)).State.ShouldBe(RunState.Canceled);
        (await host.ProjectAsync(Clinic)).ReservedImages.ShouldBe(30);
    }

    [Fact]
    public async Task ImportThatHasNoRoom_IsRefusedBeforeAnythingIsUploaded_AndNoted()
    {
        await using CoordinatorHost host = await StartAsync(images: 20);
        using HttpClient clinic = await host.ConfinedAsync(ApiRole.Steward, Clinic);

        (await clinic.PostAsJsonAsync(Routes.ImportAnnouncement, new ImportAnnouncement { Images = 20 }, ContractJson.Options)).EnsureSuccessStatusCode();
        string told = await (await clinic.PostAsJsonAsync(Routes.ImportAnnouncement, new ImportAnnouncement { Images = 21 }, ContractJson.Options)).ShouldRefuseAsync(409);

        told.ShouldBe("project clinic: 0 of 20 images are used; this brings 21 more.");
        AuditRow row = await host.ReadAsync(database => database.AuditRows.SingleAsync(entry => entry.Action == "import.announce"));
        (row.Outcome, row.Detail).ShouldBe((AuditOutcome.Refused, told));
    }

    [Fact]
    public async Task CollectionThatHasNoRoom_IsNotRegistered()
    {
        await using CoordinatorHost host = await StartAsync(images: 15);
        using HttpClient clinic = host.AdminOf(Clinic);

        await (await clinic.PostAsJsonAsync("/api/collections/eyes/versions", await TestCollection.MakeAsync(host), ContractJson.Options)).ShouldRefuseAsync(409);

        (await host.ReadAsync(database => database.Collections.CountAsync())).ShouldBe(0);
        (await host.ReadAsync(database => database.ProjectObjects.CountAsync())).ShouldBe(0);
        (await host.ProjectAsync(Clinic)).Images.ShouldBe(0);
    }

    [Fact]
    public async Task PictureOfSeveralVersionsAndCollections_CountsOnce()
    {
        await using CoordinatorHost host = await StartAsync(images: 17);
        using HttpClient clinic = host.AdminOf(Clinic);
        NewCollectionVersion version = await TestCollection.MakeAsync(host);

        await clinic.RegisterAsync(version);
        await clinic.RegisterAsync(version with { Terms = "none" });
        await clinic.RegisterAsync(version, "others");
        await clinic.RegisterAsync(version with { Images = [.. version.Images, await TestCollection.ImageAsync(host, 16)] });

        ProjectDetail project = await host.ProjectAsync(Clinic);
        (project.Images, project.Bytes).ShouldBe((17, version.Images.Sum(image => image.Image.Bytes) + (await TestCollection.ImageAsync(host, 16)).Image.Bytes));
    }

    [Fact]
    public async Task Uploads_CountOnce_AndEndWhereTheQuotaDoes()
    {
        await using CoordinatorHost host = await StartAsync(bytes: 100);
        using HttpClient clinic = await host.ConfinedAsync(ApiRole.Steward, Clinic);

        (await UploadAsync(clinic, 'a', 60)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await UploadAsync(clinic, 'a', 60)).StatusCode.ShouldBe(HttpStatusCode.OK);
        string told = await (await UploadAsync(clinic, 'b', 41)).ShouldRefuseAsync(409);
        (await UploadAsync(clinic, 'c', 40)).StatusCode.ShouldBe(HttpStatusCode.OK);

        told.ShouldBe("project clinic: 60 of 100 bytes are used; this brings more than is left.");
        (await host.Objects.LengthAsync(Sha256Digest.Of(Bytes('b', 41)), CancellationToken.None)).ShouldBeNull();
        (await host.ProjectAsync(Clinic)).Bytes.ShouldBe(100);
        AuditRow row = await host.ReadAsync(database => database.AuditRows.SingleAsync(entry => entry.Action == "object.upload"));
        (row.Outcome, row.Detail, row.Target).ShouldBe((AuditOutcome.Refused, told, Routes.Object));
    }

    [Fact]
    public async Task UploadsAtOnce_DoNotPassTheQuotaTogether()
    {
        await using CoordinatorHost host = await StartAsync(bytes: 100);
        using HttpClient clinic = await host.ConfinedAsync(ApiRole.Steward, Clinic);

        HttpResponseMessage[] answers = await Task.WhenAll("abcdef".Select(letter => UploadAsync(clinic, letter, 30)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(3);
        (await host.ProjectAsync(Clinic)).Bytes.ShouldBe(90);
    }

    [Fact]
    public async Task ProjectWithoutRoomForBytes_BeginsNoRun()
    {
        await using CoordinatorHost host = await StartAsync();
        using HttpClient clinic = host.AdminOf(Clinic);
        await clinic.RegisterAsync(await TestCollection.MakeAsync(host));
        long used = (await host.ProjectAsync(Clinic)).Bytes;
        await clinic.AskAsync<ProjectDetail>($"{Routes.Projects}/{Clinic}/quotas", new ProjectQuotas { Bytes = used });

        (await (await clinic.PostAsync(Routes.Runs, new StringContent(TestRecipe.Small))).ShouldRefuseAsync(409))
            .ShouldBe(string.Create(CultureInfo.InvariantCulture, $"project clinic: {used} of {used} bytes are used; a run stores more."));
    }

    [Fact]
    public async Task QuotaOfOneProject_IsNoOthers()
    {
        await using CoordinatorHost host = await StartAsync(images: 1);
        using HttpClient others = host.Client(TestAccess.ConfiguredKey);

        await others.RegisterAsync(await TestCollection.MakeAsync(host));
        await others.SubmitAsync();

        (await host.ProjectAsync(Project.Default)).ShouldSatisfyAllConditions(project => project.Images.ShouldBe(16), project => project.ReservedImages.ShouldBe(30));
        (await host.ProjectAsync(Clinic)).Images.ShouldBe(0);
    }

    private async Task<CoordinatorHost> StartAsync(long? images = null, long? bytes = null)
    {
        CoordinatorHost host = await TestAccess.StartClosedAsync(Folder);
        await host.MakeProjectAsync(Clinic, images, bytes);
        return host;
    }

    private static byte[] Bytes(char letter, int count) => System.Text.Encoding.ASCII.GetBytes(new string(letter, count));

    private static Task<HttpResponseMessage> UploadAsync(HttpClient client, char letter, int count) =>
        client.PutAsync($"/api/objects/{Sha256Digest.Of(Bytes(letter, count)).Hex}", new ByteArrayContent(Bytes(letter, count)));
}
