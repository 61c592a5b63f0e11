using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Factory.Coordinator.Tests.Access;

public sealed class KeyTests() : KeyContract(DatabaseProvider.Sqlite);

public sealed class KeyTestsOnPostgres() : KeyContract(DatabaseProvider.PostgreSql);

public abstract class KeyContract(DatabaseProvider provider) : CoordinatorContract(provider)
{
    [Fact]
    public async Task NewKey_LetsIn_AndOnlyItsHashIsKept()
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(Folder);
        ApiKeyCreated created = await host.MakeKeyAsync(ApiRole.Viewer, name: "ci");
        using HttpClient client = host.Client(created.Key);

        (await client.GetAsync(Routes.Runs)).StatusCode.ShouldBe(HttpStatusCode.OK);

        created.Key.ShouldMatch($"^fct_{created.Detail.Id}_[A-Za-z0-9_-]{{43}}$");
        ApiKey row = await host.ReadAsync(database => database.ApiKeys.SingleAsync());
        (row.PublicId, row.Name, row.Role, row.CreatedBy).ShouldBe((created.Detail.Id, "ci", ApiRole.Viewer, "configured"));
        row.KeyHash.ShouldBe(Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(created.Key)));
        using HttpClient admin = host.Client(TestAccess.ConfiguredKey);
        (await admin.GetStringAsync(Routes.Keys)).ShouldNotContain(created.Key[^43..]);
    }

    [Fact]
    public async Task RevokedKey_EndsAtOnce()
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(Folder);
        ApiKeyCreated created = await host.MakeKeyAsync(ApiRole.Viewer);
        using HttpClient admin = host.Client(TestAccess.ConfiguredKey), client = host.Client(created.Key);
        (await client.GetAsync(Routes.Runs)).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await admin.PostAsync($"/api/keys/{created.Detail.Id}/revoke", null)).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await (await client.GetAsync(Routes.Runs)).ShouldRefuseAsync(401)).ShouldBe($"the API key viewer ({created.Detail.Id}) was revoked at 2026-01-01 00:00:00Z; ask an admin for another.");
        (await host.MakeKeyAsync(ApiRole.Viewer)).Detail.Id.ShouldNotBe(created.Detail.Id, "its name is free again");
        host.Time.Advance(TimeSpan.FromHours(1));
        ApiKeyDetail again = (await (await admin.PostAsync($"/api/keys/{created.Detail.Id}/revoke", null)).Content.ReadFromJsonAsync<ApiKeyDetail>(ContractJson.Options))!;
        again.RevokedAt.ShouldBe(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), "revoking twice changes nothing");
    }

    [Fact]
    public async Task ExpiredKey_IsRefused()
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(Folder);
        ApiKeyCreated created = await host.MakeKeyAsync(ApiRole.Viewer, new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc));
        using HttpClient client = host.Client(created.Key);
        (await client.GetAsync(Routes.Runs)).StatusCode.ShouldBe(HttpStatusCode.OK);

        host.Time.Advance(TimeSpan.FromDays(1));

        (await (await client.GetAsync(Routes.Runs)).ShouldRefuseAsync(401)).ShouldContain("expired at 2026-01-02 00:00:00Z");
    }

    [Fact]
    public async Task UseOfAKey_IsNotedToTheHour()
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(Folder);
        ApiKeyCreated created = await host.MakeKeyAsync(ApiRole.Viewer);
        using HttpClient client = host.Client(created.Key);

        List<DateTime?> used = [];
        for (int use = 0; use < 3; use++)
        {
            (await client.GetAsync(Routes.Runs)).EnsureSuccessStatusCode();
            used.Add(await host.ReadAsync(database => database.ApiKeys.Select(key => key.LastUsedAt).SingleAsync()));
            host.Time.Advance(TimeSpan.FromMinutes(40));
        }

        used.ShouldBe([new DateTime(2026, 1, 1, 0, 0, 0), new DateTime(2026, 1, 1, 0, 0, 0), new DateTime(2026, 1, 1, 1, 20, 0)]);
    }

    [Theory]
    [InlineData("CI of the clinic", ApiRole.Viewer, 1, 400, "is not a key name")]
    [InlineData("", ApiRole.Viewer, 1, 400, "is not a key name")]
    [InlineData("ci", ApiRole.Viewer, 0, 400, "expired already")]
    [InlineData("ci", (ApiRole)77, 1, 400, "is no role")]
    [InlineData("taken", ApiRole.Viewer, 1, 409, "exists already")]
    public async Task KeyThatCannotBe_IsRefused(string name, ApiRole role, int days, int status, string said)
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(Folder);
        await host.MakeKeyAsync(ApiRole.Operator, name: "taken");
        using HttpClient admin = host.Client(TestAccess.ConfiguredKey);

        using HttpResponseMessage response = await admin.PostAsJsonAsync(
            Routes.Keys, new NewApiKey { Name = name, Role = role, ExpiresAt = host.Time.GetUtcNow().UtcDateTime.AddDays(days) }, ContractJson.Options);

        (await response.ShouldRefuseAsync(status)).ShouldContain(said);
    }

    [Fact]
    public async Task KeyThatIsNotThere_CannotBeRevoked()
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(Folder);
        using HttpClient admin = host.Client(TestAccess.ConfiguredKey);

        (await (await admin.PostAsync("/api/keys/0123456789ab/revoke", null)).ShouldRefuseAsync(404)).ShouldContain("there is no key 0123456789ab");
    }

    [Fact]
    public async Task CredentialsThatAreNobodys_AreRefusedAlike()
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(Folder);
        string key = (await host.MakeKeyAsync(ApiRole.Viewer)).Key;
        string[] foreign = [key[..^1] + (key[^1] == 'A' ? 'B' : 'A'), key.ToUpperInvariant(), key[..20], "fct_000000000000_" + key[^43..], TestAccess.ConfiguredKey + "!", "x"];

        foreach (string shown in foreign)
        {
            using HttpClient client = host.Client(shown);
            using HttpResponseMessage response = await client.GetAsync(Routes.Runs);
            string detail = await response.ShouldRefuseAsync(401);
            detail.ShouldBe("the API key is not one of this coordinator's; set FACTORY_API_KEY (Authorization: Bearer KEY).");
            response.Headers.WwwAuthenticate.ShouldBe([new AuthenticationHeaderValue("Bearer")]);
        }
        using HttpClient basic = host.Client(null);
        basic.DefaultRequestHeaders.Authorization = new("Basic", "Zm9vOmJhcg==");
        (await (await basic.GetAsync(Routes.Runs)).ShouldRefuseAsync(401)).ShouldBe("the Authorization header is not of the form: Bearer KEY.");
    }

    [Theory]
    [InlineData("expired", 401)]
    [InlineData("revoked", 401)]
    [InlineData("malformed", 401)]
    [InlineData("foreign", 401)]
    [InlineData("role too low", 403)]
    [InlineData("worker", 403)]
    public async Task KeyThatIsNotRight_IsRefusedInALine_AndNoted(string fault, int status)
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(Folder);
        ApiKeyCreated created = await host.MakeKeyAsync(fault == "worker" ? ApiRole.Worker : ApiRole.Viewer, fault == "expired" ? host.Time.GetUtcNow().UtcDateTime.AddHours(1) : null);
        using HttpClient admin = host.Client(TestAccess.ConfiguredKey);
        if (fault == "revoked") (await admin.PostAsync($"/api/keys/{created.Detail.Id}/revoke", null)).EnsureSuccessStatusCode();
        host.Time.Advance(TimeSpan.FromHours(2));
        using HttpClient client = host.Client(fault switch { "malformed" => "fct_", "foreign" => $"fct_0123456789ab_{created.Key[^43..]}", _ => created.Key });

        string said = await (await client.PostAsync("/api/runs/1/cancel", null)).ShouldRefuseAsync(status);

        string? actor = fault is "malformed" or "foreign" ? "unknown" : created.Detail.Id;
        AuditRow row = await host.ReadAsync(database => database.AuditRows.SingleAsync(row => row.Outcome == AuditOutcome.Refused));
        (row.Actor, row.Action, row.Detail).ShouldBe((actor, status == 401 ? "authenticate" : "run.cancel", said));
    }

    [Theory]
    [InlineData("Origin", "https://example.org")]
    [InlineData("Origin", "null")]
    [InlineData("Host", "rebound.example.org")]
    public async Task OpenCoordinator_TrustsNoPageOfAnotherSite(string header, string value)
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        using HttpClient browser = host.Client(null);
        browser.DefaultRequestHeaders.Add(header, value);

        await (await browser.PostAsync("/api/runs/1/cancel", null)).ShouldRefuseAsync(401);
    }

    [Theory]
    [InlineData("Origin", "http://localhost:5080")]
    [InlineData("Host", "localhost:5080")]
    [InlineData("Host", "[::1]:5080")]
    public async Task OpenCoordinator_AnswersItsMachineByAnyOfItsNames(string header, string value)
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        using HttpClient browser = host.Client(null);
        browser.DefaultRequestHeaders.Add(header, value);

        await (await browser.PostAsync("/api/runs/1/cancel", null)).ShouldRefuseAsync(404);
    }

    [Fact]
    public async Task NoKey_IsLogged()
    {
        CapturedLog log = new();
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(
            Folder, mapped: null, added: services => services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log)), settings: [("Api:Key", TestAccess.ConfiguredKey)]);
        ApiKeyCreated created = await host.MakeKeyAsync(ApiRole.Admin);
        using HttpClient client = host.Client(created.Key), foreign = host.Client(created.Key[..^1] + "_"), nearly = host.Client(TestAccess.ConfiguredKey + "!");
        (await client.GetAsync(Routes.Runs)).EnsureSuccessStatusCode();
        (await client.PostAsync($"/api/keys/{created.Detail.Id}/revoke", null)).EnsureSuccessStatusCode();
        foreach (HttpClient refused in new[] { client, foreign, nearly }) await (await refused.GetAsync(Routes.Runs)).ShouldRefuseAsync(401);

        string secret = created.Key[^43..^1];
        log.Lines.ShouldNotBeEmpty();
        log.Lines.ShouldAllBe(line => !line.Contains(secret) && !line.Contains(TestAccess.ConfiguredKey));
        // Whoever shows false keys without end fills no log either: they are counted in the audit log.
        log.Lines.ShouldAllBe(line => !line.Contains("was not authenticated"));
    }

    [Fact]
    public async Task OpenCoordinator_AnswersItsMachine_ButNoFalseKey()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        using HttpClient home = host.Client(null), stranger = host.Client("not-a-key-of-this-coordinator");

        (await home.GetAsync(Routes.Keys)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await (await stranger.GetAsync(Routes.Keys)).ShouldRefuseAsync(401);
    }
}
