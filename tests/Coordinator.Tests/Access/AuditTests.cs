using System.Net.Http.Json;
using System.Text;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Audit;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Tests.Access;

public sealed class AuditTests() : AuditContract(DatabaseProvider.Sqlite);

public sealed class AuditTestsOnPostgres() : AuditContract(DatabaseProvider.PostgreSql);

public abstract class AuditContract(DatabaseProvider provider) : CoordinatorContract(provider)
{
    // What only answers is no change.
    private static readonly string[] Unaudited = ["POST /api/lineage/subject", "POST /api/prepared-images/lookup", "POST /api/recipes/plan"];

    [Fact]
    public async Task EveryEndpointThatChangesSomething_IsAudited()
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(Folder);

        host.Endpoints().Where(endpoint => endpoint.Method is not ("GET" or "HEAD") && endpoint.Metadata.GetMetadata<Audited>() is null).Select(endpoint => endpoint.Name).ShouldBe(Unaudited, ignoreOrder: true);
    }

    [Fact]
    public async Task Changes_AreNotedWithWhoAndWhat()
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(Folder);
        ApiKeyCreated steward = await host.MakeKeyAsync(ApiRole.Steward, name: "ann"), operatorKey = await host.MakeKeyAsync(ApiRole.Operator, name: "bob");
        using HttpClient ann = host.Client(steward.Key), bob = host.Client(operatorKey.Key), admin = host.Client(TestAccess.ConfiguredKey);

        (await ann.PostAsJsonAsync("/api/collections/eyes/versions", await TestCollection.MakeAsync(host), ContractJson.Options)).EnsureSuccessStatusCode();
        (await bob.PostAsync(Routes.Runs, new StringContent(TestRecipe.Small))).EnsureSuccessStatusCode();
        (await bob.PostAsync("/api/runs/1/cancel", null)).EnsureSuccessStatusCode();
        (await admin.PostAsync($"/api/keys/{operatorKey.Detail.Id}/revoke", null)).EnsureSuccessStatusCode();

        List<AuditRow> rows = await host.ReadAsync(database => database.AuditRows.OrderBy(row => row.Id).ToListAsync());
        rows.Select(row => (row.Actor, row.ActorName, row.Action, row.Target)).ShouldBe([
            ("configured", "configured", "key.create", $"/api/keys/{steward.Detail.Id}"),
            ("configured", "configured", "key.create", $"/api/keys/{operatorKey.Detail.Id}"),
            (steward.Detail.Id, "ann", "collection.register", "/api/collections/eyes/versions"),
            (operatorKey.Detail.Id, "bob", "run.submit", "/api/runs/1"),
            (operatorKey.Detail.Id, "bob", "run.cancel", "/api/runs/1/cancel"),
            ("configured", "configured", "key.revoke", $"/api/keys/{operatorKey.Detail.Id}/revoke"),
        ]);
        rows.ShouldAllBe(row => row.Outcome == AuditOutcome.Done && row.Detail == null && row.Count == 1 && row.Address == "127.0.0.1");
    }

    [Fact]
    public async Task ChangeThatIsRefused_IsNotedOnce_AndChangesNothing()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        using HttpClient home = host.Client(null);

        await (await home.PostAsync(Routes.Runs, new StringContent(TestRecipe.Small))).ShouldRefuseAsync(404);
        await (await home.PostAsync("/api/runs/7/retry", null)).ShouldRefuseAsync(404);
        (await home.PostAsync(Routes.Checkpoints, new StringContent("{}", Encoding.UTF8, "application/json"))).IsSuccessStatusCode.ShouldBeFalse();

        List<AuditRow> rows = await host.ReadAsync(database => database.AuditRows.OrderBy(row => row.Id).ToListAsync());
        rows.Select(row => (row.Actor, row.Action, row.Target, row.Outcome, row.Detail)).ShouldBe([
            ("loopback", "run.submit", "/api/runs", AuditOutcome.Refused, "HTTP 404"),
            ("loopback", "run.retry", "/api/runs/7/retry", AuditOutcome.Refused, "HTTP 404"),
            ("loopback", "checkpoint.register", "/api/checkpoints", AuditOutcome.Refused, "HTTP 400"),
        ]);
    }

    [Fact]
    public async Task ChangeOutsideTheDatabase_IsNotedRightAfter()
    {
        FakeAudited done = new(204), failed = new(507);
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder, mapped: done.Map);
        using HttpClient home = host.Client(null);

        (await home.PostAsync("/done-204", null)).EnsureSuccessStatusCode();

        AuditRow row = await host.ReadAsync(database => database.AuditRows.SingleAsync());
        (row.Action, row.Target, row.Outcome).ShouldBe(("thing.do", "/done-204", AuditOutcome.Done));
        await using CoordinatorHost second = await CoordinatorHost.StartAsync(Folder, mapped: failed.Map);
        using HttpClient again = second.Client(null);
        (await again.PostAsync("/done-507", null)).IsSuccessStatusCode.ShouldBeFalse();
        (await second.ReadAsync(database => database.AuditRows.SingleAsync(failure => failure.Outcome == AuditOutcome.Failed))).Detail.ShouldBe("HTTP 507");
    }

    [Fact]
    public async Task CredentialsThatFail_AreCountedByTheHour()
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(Folder);
        ApiKeyCreated expired = await host.MakeKeyAsync(ApiRole.Viewer, new DateTime(2026, 1, 1, 0, 30, 0, DateTimeKind.Utc), "old");
        using HttpClient foreign = host.Client("nobody's key"), old = host.Client(expired.Key), without = host.Client(null);
        host.Time.Advance(TimeSpan.FromMinutes(40));

        for (int minute = 0; minute < 2; minute++)
        {
            await foreign.GetAsync("/api/runs/" + minute);
            await old.GetAsync(Routes.Runs);
            await without.GetAsync(Routes.Runs);
            host.Time.Advance(TimeSpan.FromMinutes(1));
        }
        host.Time.Advance(TimeSpan.FromHours(1));
        await foreign.GetAsync(Routes.Runs);

        List<AuditRow> rows = await host.ReadAsync(database => database.AuditRows.Where(row => row.Action == "authenticate").OrderBy(row => row.Id).ToListAsync());
        rows.Select(row => (row.Actor, row.ActorName, row.Count, (row.LastAt - row.At).TotalMinutes)).ShouldBe(
            [("unknown", "unknown", 2, 1), (expired.Detail.Id, "old", 2, 1), ("unknown", "unknown", 1, 0)]);
        rows[1].Detail.ShouldBe($"the API key old ({expired.Detail.Id}) expired at 2026-01-01 00:30:00Z; ask an admin for another.");
    }

    [Fact]
    public async Task RoleThatIsTooLow_IsNoted_AndNoSecretIs()
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(Folder);
        ApiKeyCreated key = await host.MakeKeyAsync(ApiRole.Viewer, name: "ci");
        using HttpClient client = host.Client(key.Key), admin = host.Client(TestAccess.ConfiguredKey);

        await client.PostAsync($"/api/keys/{key.Key}/revoke", null);
        await client.GetAsync(Routes.Keys);
        (await (await admin.PostAsync($"/api/keys/{key.Key}/revoke", null)).ShouldRefuseAsync(404)).ShouldNotContain(key.Key);

        List<AuditRow> rows = await host.ReadAsync(database => database.AuditRows.OrderBy(row => row.Id).Where(row => row.Action != "key.create").ToListAsync());
        rows.Select(row => (row.Actor, row.Action, row.Target, row.Outcome)).ShouldBe([
            (key.Detail.Id, "key.revoke", $"/api/keys/fct_{key.Detail.Id}_.../revoke", AuditOutcome.Refused),
            (key.Detail.Id, "get", "/api/keys", AuditOutcome.Refused),
            ("configured", "key.revoke", $"/api/keys/fct_{key.Detail.Id}_.../revoke", AuditOutcome.Refused),
        ]);
        rows[0].Detail.ShouldBe($"this needs the role admin; ci ({key.Detail.Id}) is viewer.");
    }

    [Fact]
    public async Task Log_IsReadPageByPage_AndFiltered()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        using HttpClient home = host.Client(null);
        for (int run = 1; run <= 5; run++) await home.PostAsync($"/api/runs/{run}/{(run % 2 == 0 ? "cancel" : "retry")}", null);

        (await ReadAsync(home, "")).Entries.Select(entry => entry.Target).ShouldBe(["/api/runs/5/retry", "/api/runs/4/cancel", "/api/runs/3/retry", "/api/runs/2/cancel", "/api/runs/1/retry"]);
        List<string> paged = [];
        for (AuditPage page = await ReadAsync(home, "?action=run.retry&limit=2"); ; page = await ReadAsync(home, $"?action=run.retry&limit=2&before={page.Next}"))
        {
            paged.AddRange(page.Entries.Select(entry => entry.Target));
            if (page.Next is null) break;
        }
        paged.ShouldBe(["/api/runs/5/retry", "/api/runs/3/retry", "/api/runs/1/retry"]);
        (await ReadAsync(home, "?action=run&actor=loopback&outcome=Refused")).Entries.Count.ShouldBe(5);
        (await ReadAsync(home, "?actor=somebody")).Entries.ShouldBeEmpty();
        (await ReadAsync(home, "?outcome=Done")).Entries.ShouldBeEmpty();
        await (await home.GetAsync("/api/audit?limit=1001")).ShouldRefuseAsync(400);
        (await home.GetAsync("/api/audit?outcome=Perhaps")).IsSuccessStatusCode.ShouldBeFalse();
    }

    private static async Task<AuditPage> ReadAsync(HttpClient client, string query) => (await client.GetFromJsonAsync<AuditPage>(Routes.Audit + query, ContractJson.Options))!;
}
