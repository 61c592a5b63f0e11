using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Access;
using Factory.Coordinator.Tests.Projects;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Provenance;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Factory.Coordinator.Tests.Access;

/// <summary>Tokens of an identity provider that is a signing key of the test's own: nothing is asked over the network.</summary>
public sealed class TokenTests : IDisposable
{
    private const string Authority = "https://id.example.org";
    private const string Audience = "factory";
    private readonly TestFolder _folder = new();
    private readonly ECDsaSecurityKey _key = NewKey(), _foreign = NewKey();

    public static TheoryData<string, string> Refused => new()
    {
        { "other audience", "the token is not for the audience factory; get one that is." },
        { "other issuer", "the token was not issued by https://id.example.org." },
        { "expired", "the token has expired, or is not valid yet; get a new one." },
        { "not yet", "the token has expired, or is not valid yet; get a new one." },
        { "no end", "the token has expired, or is not valid yet; get a new one." },
        { "foreign key", "the token is signed by no key of https://id.example.org, or that cannot be reached." },
        { "unsigned", "the token is signed by no key of https://id.example.org, or that cannot be reached." },
        { "a.b.c", "the token is not a valid one of https://id.example.org." },
        { "no token", "the API key is not one of this coordinator's; set FACTORY_API_KEY (Authorization: Bearer KEY)." },
    };

    public void Dispose()
    {
        _folder.Dispose();
        _key.ECDsa.Dispose();
        _foreign.ECDsa.Dispose();
    }

    [Fact]
    public async Task Token_GivesTheRolesThatItsClaimMapsTo()
    {
        await using CoordinatorHost host = await StartAsync(("Api:Oidc:RoleClaim", "groups"), ("Api:Oidc:Roles:retina-runs", "operator"), ("Api:Oidc:Roles:retina-data", "Steward"));
        using HttpClient client = host.Client(Write(claims: new() { ["sub"] = "42", ["preferred_username"] = "ann", ["groups"] = new[] { "retina-runs", "retina-data", "admin" } }));

        (await client.GetAsync(Routes.Audit)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await (await client.PostAsync("/api/runs/7/cancel", null)).ShouldRefuseAsync(404);
        (await (await client.GetAsync(Routes.Keys)).ShouldRefuseAsync(403)).ShouldBe("this needs the role admin; ann (oidc:42) is operator and steward.");

        AuditRow row = await host.ReadAsync(database => database.AuditRows.SingleAsync(row => row.Action == "run.cancel"));
        (row.Actor, row.ActorName).ShouldBe(("oidc:42", "ann"));
    }

    [Fact]
    public async Task WithoutAMapping_RolesAreOurOwnNames()
    {
        await using CoordinatorHost host = await StartAsync();
        using HttpClient viewer = host.Client(Write(claims: new() { ["sub"] = "42", ["roles"] = "viewer" })), nobody = host.Client(Write(claims: new() { ["sub"] = "43", ["roles"] = "4" }));

        (await viewer.GetAsync(Routes.Runs)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await (await nobody.GetAsync(Routes.Runs)).ShouldRefuseAsync(403)).ShouldEndWith("43 (oidc:43) is nothing here.");
    }

    [Theory]
    [InlineData("north", new[] { "north" })]
    [InlineData("nowhere", new string[0])]
    [InlineData(null, new string[0])]
    [InlineData("*", new[] { "default", "north", "south" })]
    public async Task ProjectClaim_SaysWhichProjectsTheBearerSees(string? claim, string[] seen)
    {
        await using CoordinatorHost host = await StartAsync(("Api:Key", TestAccess.ConfiguredKey), ("Api:Oidc:ProjectClaim", "projects"));
        foreach (string project in new[] { "north", "south" }) await host.MakeProjectAsync(project);
        Dictionary<string, object> claims = new() { ["sub"] = "42", ["roles"] = "admin" };
        if (claim is not null) claims["projects"] = claim;
        using HttpClient client = host.Client(Write(claims: claims));

        (await client.GetFromJsonAsync<List<ProjectDetail>>(Routes.Projects, ContractJson.Options))!.Select(project => project.Name).ShouldBe(seen);
        (await client.GetAsync(Routes.Keys)).StatusCode.ShouldBe(claim == "*" ? HttpStatusCode.OK : HttpStatusCode.Forbidden);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task TokenThatIsNotRight_IsRefusedInALine_AndNoted(string fault, string said)
    {
        await using CoordinatorHost host = await StartAsync();
        DateTime now = host.Time.GetUtcNow().UtcDateTime;
        string token = fault switch
        {
            "other audience" => Write(audience: "payroll"),
            "other issuer" => Write(issuer: "https://id.example.com"),
            "expired" => Write(begins: now.AddHours(-2), ends: now.AddHours(-1)),
            "not yet" => Write(begins: now.AddHours(1), ends: now.AddHours(2)),
            "no end" => Write(endless: true),
            "foreign key" => Write(key: _foreign),
            "unsigned" => Write(signed: false),
            _ => fault,
        };
        using HttpClient client = host.Client(token);

        (await (await client.GetAsync(Routes.Runs)).ShouldRefuseAsync(401)).ShouldBe(said);

        AuditRow row = await host.ReadAsync(database => database.AuditRows.SingleAsync());
        (row.Actor, row.Action, row.Outcome, row.Detail).ShouldBe(("unknown", "authenticate", AuditOutcome.Refused, said));
    }

    [Fact]
    public async Task WithTokensConfigured_NobodyIsLetInForBeingHere_AndKeysStillAre()
    {
        await using CoordinatorHost host = await StartAsync(("Api:Key", TestAccess.ConfiguredKey));
        using HttpClient nobody = host.Client(null), admin = host.Client(TestAccess.ConfiguredKey);

        await (await nobody.GetAsync(Routes.Runs)).ShouldRefuseAsync(401);
        (await admin.GetAsync(Routes.Runs)).StatusCode.ShouldBe(HttpStatusCode.OK);
        new ApiOptions { Oidc = { Authority = Authority } }.IsOpen.ShouldBeFalse();
    }

    [Theory]
    [InlineData("https://id.example.org", true)]
    [InlineData("http://127.0.0.1:8080", false)]
    public async Task SigningKeys_AreFetchedInTheClearOnlyFromAProviderThatIs(string authority, bool needsHttps)
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder, settings: [("Api:Oidc:Authority", authority), ("Api:Oidc:Audience", Audience)]);

        host.Service<IOptionsMonitor<JwtBearerOptions>>().Get(JwtBearerDefaults.AuthenticationScheme).RequireHttpsMetadata.ShouldBe(needsHttps);
    }

    [Theory]
    [InlineData("jku")]
    [InlineData("x5u")]
    [InlineData("iss")]
    public async Task AddressThatATokenNames_IsNotAsked(string name)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string address = $"http://{listener.LocalEndpoint}/keys";
        await using CoordinatorHost host = await StartAsync();
        string token = Write(key: _foreign, issuer: name == "iss" ? address : Authority, headers: name == "iss" ? null : new() { [name] = address });
        using HttpClient client = host.Client(token);

        await (await client.GetAsync(Routes.Runs)).ShouldRefuseAsync(401);

        listener.Pending().ShouldBeFalse();
    }

    [Theory]
    [InlineData("http://id.example.org", "factory", "Api:Oidc:Authority: 'http://id.example.org' must begin with https:// (http:// on loopback only).")]
    [InlineData("id.example.org", "factory", "Api:Oidc:Authority: 'id.example.org' must begin with https:// (http:// on loopback only).")]
    [InlineData("https://id.example.org", "", "Api:Oidc:Audience must be set with Api:Oidc:Authority, or tokens for other services would be taken.")]
    public void SettingsThatCannotWork_AreNamed(string authority, string audience, string mistake) =>
        new OidcOptions { Authority = authority, Audience = audience }.Mistakes().ShouldBe([mistake]);

    private static ECDsaSecurityKey NewKey() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    private Task<CoordinatorHost> StartAsync(params (string Key, string Value)[] settings) => CoordinatorHost.StartAsync(
        _folder,
        mapped: null,
        added: services => services.Configure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, bearer => bearer.Configuration = new OpenIdConnectConfiguration { Issuer = Authority, SigningKeys = { _key } }),
        settings: [("Api:Oidc:Authority", Authority), ("Api:Oidc:Audience", Audience), .. settings]);

    private string Write(
        Dictionary<string, object>? claims = null, string audience = Audience, string issuer = Authority, DateTime? begins = null, DateTime? ends = null, SecurityKey? key = null, bool signed = true, bool endless = false,
        Dictionary<string, object>? headers = null) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            NotBefore = begins,
            Expires = endless ? null : ends ?? new DateTime(2026, 1, 1, 1, 0, 0, DateTimeKind.Utc),
            Claims = claims ?? new() { ["sub"] = "42", ["roles"] = "admin" },
            AdditionalHeaderClaims = headers,
            SigningCredentials = signed ? new(key ?? _key, SecurityAlgorithms.EcdsaSha256) : null,
        });
}
