using System.Net;
using Factory.Contracts.Api;
using Factory.Coordinator.Access;
using Factory.Coordinator.Health;
using Factory.Coordinator.Tests.Support;
using MassTransit;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Factory.Coordinator.Tests.Health;

public sealed class ProbeTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task CoordinatorWithAllItNeeds_IsReady()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);

        (await AskAsync(host, Routes.Health)).ShouldBe((200, "healthy"));
        (await AskAsync(host, Routes.Ready)).ShouldBe((200, "ready"));
        (await OwnHealth.AskAsync(ListeningOn(host.Url.ToString()), TextWriter.Null, CancellationToken.None)).ShouldBe(0);
    }

    [Fact]
    public async Task SchemaOfAnotherBuild_IsAliveAndNotReady_AndSaysNoMore()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await host.ReadAsync(database => database.Database.ExecuteSqlRawAsync("""insert into "__EFMigrationsHistory" values ('99990101000000_Future', '10.0.0')"""));

        (await AskAsync(host, Routes.Ready)).ShouldBe((503, "not ready"));
        (await AskAsync(host, Routes.Health)).ShouldBe((200, "healthy"));
    }

    [Fact]
    public async Task BusThatIsNotConnected_IsNotReady_UntilItIs()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        IBusControl bus = host.Service<IBusControl>();
        await bus.StopAsync();
        (await AskAsync(host, Routes.Ready)).ShouldBe((503, "not ready"));

        await bus.StartAsync();
        (await AskAsync(host, Routes.Ready)).Status.ShouldBe(503, "an answer stands for two seconds, however many ask");
        host.Time.Advance(Readiness.Freshness);

        (await AskAsync(host, Routes.Ready)).ShouldBe((200, "ready"));
    }

    [Theory]
    [InlineData(Routes.Health, 200)]
    [InlineData(Routes.Ready, 200)]
    [InlineData(Routes.Runs, 401)]
    public async Task Probes_AreAskedWithoutAKey_AndNothingElseIs(string path, int status)
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder, null, ("Api:Key", "sixteen-characters"));

        (await AskAsync(host, path)).Status.ShouldBe(status);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9", "http://127.0.0.1:9/readyz")]
    [InlineData("http://0.0.0.0:9;https://0.0.0.0:10", "http://127.0.0.1:9/readyz")]
    [InlineData("http://*:9", "http://127.0.0.1:9/readyz")]
    [InlineData("http://[::]:9", "http://127.0.0.1:9/readyz")]
    public async Task CoordinatorThatIsNotThere_IsNamedByWhereItWasLookedFor(string listen, string address)
    {
        StringWriter errors = new();

        (await OwnHealth.AskAsync(ListeningOn(listen), errors, CancellationToken.None)).ShouldBe(1);

        errors.ToString().ShouldContain($"{address} does not answer");
    }

    private static IConfiguration ListeningOn(string address) => new ConfigurationBuilder().AddInMemoryCollection([new("Api:Listen", address)]).Build();

    private static async Task<(int Status, string Said)> AskAsync(CoordinatorHost host, string path)
    {
        using HttpClient client = new() { BaseAddress = host.Url };
        using HttpResponseMessage answer = await client.GetAsync(path);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
