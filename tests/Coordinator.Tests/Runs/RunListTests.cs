using System.Net.Http.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Tests.Access;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Tests.Runs;

public sealed class RunListTests() : RunListContract(DatabaseProvider.Sqlite);

public sealed class RunListTestsOnPostgres() : RunListContract(DatabaseProvider.PostgreSql);

public abstract class RunListContract(DatabaseProvider provider) : CoordinatorContract(provider)
{
    [Fact]
    public async Task Runs_AreListedPageByPage_NewestFirst()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        await host.RegisterAsync(await TestCollection.MakeAsync(host));
        for (int run = 0; run < 3; run++) await host.SubmitAsync(TestRecipe.Small);
        using HttpClient client = host.Client(null);

        List<RunSummary> first = (await client.GetFromJsonAsync<List<RunSummary>>($"{Routes.Runs}?limit=2", ContractJson.Options))!;
        List<RunSummary> second = (await client.GetFromJsonAsync<List<RunSummary>>($"{Routes.Runs}?limit=2&before=2", ContractJson.Options))!;

        first.Select(run => (run.Id, run.Name, run.Collection)).ShouldBe([(3, "small", "eyes@1"), (2, "small", "eyes@1")]);
        second.Select(run => run.Id).ShouldBe([1]);
        foreach (int limit in new[] { 0, 1001 }) (await (await client.GetAsync($"{Routes.Runs}?limit={limit}")).ShouldRefuseAsync(400)).ShouldBe($"limit is {limit}; it must be from 1 to 1000.");
    }
}
