using System.Net;
using System.Net.Http.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Tests.Http;

public sealed class LineageTests() : LineageContract(DatabaseProvider.Sqlite);

public sealed class LineageTestsOnPostgres() : LineageContract(DatabaseProvider.PostgreSql);

public abstract class LineageContract(DatabaseProvider provider) : CoordinatorContract(provider)
{
    [Fact]
    public async Task SamplesOfASubject_AreListedPageByPageWithTheirNumber()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        await host.CompleteRunAsync(await host.SubmitSmallAsync());
        using HttpClient http = new() { BaseAddress = host.Url };
        List<string> expected = await host.ReadAsync(database => database.Samples
            .Where(sample => database.CollectionImages.Any(image => image.Id == sample.SourceImageId && image.Subject == "s4")).OrderBy(sample => sample.Index).Select(sample => sample.Key).ToListAsync());
        expected.ShouldNotBeEmpty();

        List<string> found = [];
        SubjectQuery query = new() { Collection = TestCollection.Name, Subject = "s4", Limit = 2 };
        SubjectLineage page = await AskAsync(http, query);
        page.Samples.Count.ShouldBeLessThanOrEqualTo(2);
        for (; ; page = await AskAsync(http, query with { After = page.Next }))
        {
            (page.Images, page.Total).ShouldBe((1, expected.Count));
            page.Samples.ShouldAllBe(sample => sample.IsSource && !sample.IsPartner && sample.Step == "corpus");
            found.AddRange(page.Samples.Select(sample => sample.Key));
            if (page.Next is null) break;
        }

        found.ShouldBe(expected);
    }

    [Theory]
    [InlineData("eyes", "nobody", null, 100, HttpStatusCode.NotFound)]
    [InlineData("ears", "s4", null, 100, HttpStatusCode.NotFound)]
    [InlineData("eyes@1", "s4", "yesterday", 100, HttpStatusCode.BadRequest)]
    [InlineData("eyes@1", "s4", null, 0, HttpStatusCode.BadRequest)]
    public async Task QuestionWithoutAnAnswer_IsRefused(string collection, string subject, string? after, int limit, HttpStatusCode status)
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        await host.RegisterAsync(await TestCollection.MakeAsync(host));
        using HttpClient http = new() { BaseAddress = host.Url };

        using HttpResponseMessage response = await http.PostAsJsonAsync(
            Routes.SubjectLineage, new SubjectQuery { Collection = collection, Subject = subject, After = after, Limit = limit }, ContractJson.Options);

        response.StatusCode.ShouldBe(status);
        (await response.Content.ReadAsStringAsync()).ShouldNotContain(subject, Case.Sensitive);
    }

    private static async Task<SubjectLineage> AskAsync(HttpClient http, SubjectQuery query)
    {
        using HttpResponseMessage response = await http.PostAsJsonAsync(Routes.SubjectLineage, query, ContractJson.Options);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<SubjectLineage>(ContractJson.Options))!;
    }
}
