using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Factory.Contracts.Api;
using Factory.Coordinator.Access;
using Factory.Coordinator.Audit;
using Factory.Coordinator.Tests.Recipes;
using Factory.Coordinator.Tests.Support;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Factory.Coordinator.Tests.Access;

/// <summary>Who may call what: the endpoints as they are mapped, the table in docs/access.md, and the answers.</summary>
public sealed partial class EndpointTests : IDisposable
{
    private const string Page = "docs/access.md";
    private const string Update = "FACTORY_UPDATE_DOCS";
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EveryEndpoint_SaysWhatItAsksFor()
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(_folder);

        host.Endpoints().Where(endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null && endpoint.Right is null).Select(endpoint => endpoint.Name).ShouldBeEmpty();
        host.Endpoints().Where(endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(endpoint => endpoint.Name).ShouldBe(["GET /healthz", "GET /readyz"]);
    }

    [Fact]
    public async Task Table_IsThatOfTheEndpoints()
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(_folder);
        string file = Path.Combine(RecipeText.Root, Page);
        string renewed = GeneratedTable().Replace(File.ReadAllText(file), match => match.Groups[1].Value + Table(host.Endpoints()) + match.Groups[2].Value);

        if (Environment.GetEnvironmentVariable(Update) == "1") File.WriteAllText(file, renewed);

        (File.ReadAllText(file) == renewed).ShouldBeTrue($"{Page} no longer says what endpoints ask for: run {Update}=1 dotnet run --project tests/Coordinator.Tests, and commit it");
    }

    [Fact]
    public async Task EveryRole_MayWhatTheTableSays_AndNoMore()
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(_folder);
        List<string> wrong = [];
        foreach (ApiRole? role in Enum.GetValues<ApiRole>().Cast<ApiRole?>().Append(null))
        {
            using HttpClient client = host.Client(role is { } known ? (await host.MakeKeyAsync(known)).Key : null);
            foreach (MappedEndpoint endpoint in host.Endpoints())
            {
                int expected = endpoint.Right is not { } right ? 200 : role is null ? 401 : Rights.Holders[right].Contains(role.Value) ? 200 : 403;
                using HttpResponseMessage response = await client.SendAsync(endpoint.Request(), HttpCompletionOption.ResponseHeadersRead);
                // Past the gate anything goes: the requests name nothing that is there.
                int actual = response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? (int)response.StatusCode : 200;
                if (actual != expected) wrong.Add($"{role?.ToString() ?? "nobody"} {endpoint.Name}: {actual}, not {expected}");
                if (expected != 200 && endpoint.Method != "HEAD") await response.ShouldRefuseAsync(expected);
            }
        }
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public async Task RoleThatIsTooLow_IsToldWhichIsNeeded()
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(_folder);
        ApiKeyCreated key = await host.MakeKeyAsync(ApiRole.Viewer, name: "ci");
        using HttpClient client = host.Client(key.Key);

        string told = await (await client.PostAsync("/api/runs/1/cancel", null)).ShouldRefuseAsync(403);

        told.ShouldBe($"this needs the role operator or admin; ci ({key.Detail.Id}) is viewer.");
    }

    [Theory]
    [InlineData("GET", "/api/elsewhere", 404)]
    [InlineData("DELETE", "/api/runs", 405)]
    public async Task WhatIsNotThere_IsSoSaidOnlyToWhomWeKnow(string method, string path, int status)
    {
        await using CoordinatorHost host = await TestAccess.StartClosedAsync(_folder);
        using HttpClient known = host.Client((await host.MakeKeyAsync(ApiRole.Worker)).Key), unknown = host.Client(null);

        ((int)(await known.SendAsync(new(new(method), path))).StatusCode).ShouldBe(status);
        await (await unknown.SendAsync(new(new(method), path))).ShouldRefuseAsync(401);
    }

    [Fact]
    public async Task EndpointThatAsksForNothing_IsClosedToEverybody()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder, mapped: routes => routes.MapGet("/forgotten", () => "secret"));
        using HttpClient home = host.Client(null);

        (await (await home.GetAsync("/forgotten")).ShouldRefuseAsync(403)).ShouldBe("no role may do this; loopback is admin.");
    }

    private static string Table(IEnumerable<MappedEndpoint> endpoints)
    {
        ApiRole[] roles = [ApiRole.Viewer, ApiRole.Operator, ApiRole.Steward, ApiRole.Admin, ApiRole.Worker];
        StringBuilder table = new("| Endpoint | Right |");
        foreach (ApiRole role in roles) table.Append($" {role.ToString().ToLowerInvariant()} |");
        table.Append(" Confined callers | Audited as |\n|---|---|" + string.Concat(roles.Select(_ => ":-:|")) + ":-:|---|\n");
        foreach (MappedEndpoint endpoint in endpoints)
        {
            table.Append($"| `{endpoint.Name}` | {endpoint.Right?.ToLowerInvariant() ?? "none"} |");
            foreach (ApiRole role in roles) table.Append(endpoint.Right is not { } right || Rights.Holders[right].Contains(role) ? " yes |" : " |");
            table.Append(endpoint.Right is { } asked && Rights.OfAllProjects.Contains(asked) ? " |" : " yes |");
            table.Append(endpoint.Metadata.GetMetadata<Audited>() is { } audited ? $" `{audited.Action}`{(audited.RefusalsOnly ? ", when refused" : "")} |\n" : " |\n");
        }
        return table.ToString();
    }

    [GeneratedRegex(@"(<!-- endpoints.*?-->\n\n).*?(\n<!-- /endpoints -->)", RegexOptions.Singleline)]
    private static partial Regex GeneratedTable();
}
