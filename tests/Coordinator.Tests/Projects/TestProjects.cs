using System.Net.Http.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Tests.Access;
using Factory.Coordinator.Tests.Support;

namespace Factory.Coordinator.Tests.Projects;

/// <summary>Projects of a coordinator that asks for keys.</summary>
internal static class TestProjects
{
    /// <summary>Has the admin make a project.</summary>
    public static async Task<ProjectDetail> MakeProjectAsync(this CoordinatorHost host, string name, long? images = null, long? bytes = null)
    {
        using HttpClient admin = host.Client(TestAccess.ConfiguredKey);
        return await admin.AskAsync<ProjectDetail>(Routes.Projects, new NewProject { Name = name, Quotas = new() { Images = images, Bytes = bytes } });
    }

    /// <summary>A client with a key that is confined to projects.</summary>
    public static async Task<HttpClient> ConfinedAsync(this CoordinatorHost host, ApiRole role, params string[] projects)
    {
        using HttpClient admin = host.Client(TestAccess.ConfiguredKey);
        NewApiKey wanted = new() { Name = $"{role.ToString().ToLowerInvariant()}-{string.Join('-', projects)}", Role = role, Projects = projects };
        return host.Client((await admin.AskAsync<ApiKeyCreated>(Routes.Keys, wanted)).Key);
    }

    /// <summary>The admin, speaking of one project.</summary>
    public static HttpClient AdminOf(this CoordinatorHost host, string project)
    {
        HttpClient admin = host.Client(TestAccess.ConfiguredKey);
        admin.DefaultRequestHeaders.Add(Routes.ProjectHeader, project);
        return admin;
    }

    /// <summary>What the admin sees of a project.</summary>
    public static async Task<ProjectDetail> ProjectAsync(this CoordinatorHost host, string name)
    {
        using HttpClient admin = host.Client(TestAccess.ConfiguredKey);
        return (await admin.GetFromJsonAsync<ProjectDetail>(Routes.Project.Replace("{name}", name, StringComparison.Ordinal), ContractJson.Options))!;
    }

    /// <summary>Posts a document and reads the answer.</summary>
    public static async Task<T> AskAsync<T>(this HttpClient client, string path, object body)
    {
        using HttpResponseMessage response = await client.PostAsJsonAsync(path, body, ContractJson.Options);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<T>(ContractJson.Options))!;
    }

    /// <summary>Registers a collection, whose blobs lie in the store.</summary>
    public static Task<CollectionRegistered> RegisterAsync(this HttpClient client, NewCollectionVersion version, string name = TestCollection.Name) =>
        client.AskAsync<CollectionRegistered>($"{Routes.Collections}/{name}/versions", version);

    /// <summary>Submits the usual recipe.</summary>
    public static async Task<int> SubmitAsync(this HttpClient client, string yaml = TestRecipe.Small)
    {
        using HttpResponseMessage response = await client.PostAsync(Routes.Runs, new StringContent(yaml));
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<RunSummary>(ContractJson.Options))!.Id;
    }
}
