using System.Net.Http.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Telemetry;
using Factory.Coordinator.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace Factory.Coordinator.Tests.Access;

/// <summary>Clients of a coordinator that asks for keys.</summary>
internal static class TestAccess
{
    /// <summary>The key of the settings.</summary>
    public const string ConfiguredKey = "the-key-of-the-settings";

    public static Task<CoordinatorHost> StartClosedAsync(TestFolder folder, params (string Key, string Value)[] settings) =>
        CoordinatorHost.StartAsync(folder, null, added: services => services.AddCoordinatorTelemetry(new ConfigurationBuilder().Build()), settings: [("Api:Key", ConfiguredKey), .. settings]);

    /// <summary>A client that shows a key; null: none.</summary>
    public static HttpClient Client(this CoordinatorHost host, string? key)
    {
        HttpClient client = new() { BaseAddress = host.Url };
        if (key is not null) client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return client;
    }

    /// <summary>Has the admin make a key.</summary>
    public static async Task<ApiKeyCreated> MakeKeyAsync(this CoordinatorHost host, ApiRole role, DateTime? expiresAt = null, string? name = null)
    {
        using HttpClient admin = host.Client(ConfiguredKey);
        using HttpResponseMessage response = await admin.PostAsJsonAsync(
            Routes.Keys, new NewApiKey { Name = name ?? role.ToString().ToLowerInvariant(), Role = role, ExpiresAt = expiresAt }, ContractJson.Options);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<ApiKeyCreated>(ContractJson.Options))!;
    }
}
