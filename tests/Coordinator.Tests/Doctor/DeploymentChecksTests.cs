using System.Net.Http.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Doctor;
using Factory.Coordinator.Tests.Access;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Objects.S3;
using Factory.Storage.Provenance;
using Factory.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Factory.Coordinator.Tests.Doctor;

public sealed class DeploymentChecksTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task CoordinatorThatIsWell_SaysSoOfEachThing()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder, settings: ("Objects:Folder", _folder.ObjectsPath));

        List<DoctorFinding> findings = await ExamineAsync(host);

        findings.Select(finding => finding.Check).ShouldBe(["database", "queues", "dead letters", "waiting items", "object store", "clocks", "disk space"]);
        findings.ShouldAllBe(finding => finding.Remedy == null);
        findings.Single(finding => finding.Check == "disk space").Finding.ShouldEndWith("those of servers and workers cannot be asked for from here");
    }

    [Fact]
    public async Task SchemaOfAnotherBuild_IsAFault()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await host.ReadAsync(database => database.Database.ExecuteSqlRawAsync("INSERT INTO \"__EFMigrationsHistory\" VALUES ('99990101000000_FromTheFuture', '1')"));

        (await ExamineAsync(host)).Single(finding => finding.Check == "database").Remedy.ShouldBe("update this program");
    }

    [Fact]
    public async Task StoreThatCannotBeWritten_IsAFault()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        if (Directory.Exists(_folder.ObjectsPath)) Directory.Delete(_folder.ObjectsPath, recursive: true);
        await File.WriteAllTextAsync(_folder.ObjectsPath, "");

        (await ExamineAsync(host)).Single(finding => finding.Check == "object store").Remedy.ShouldNotBeNull().ShouldContain("Objects__Folder");
    }

    [Fact]
    public async Task ItemThatWaitsWhileNothingIsInWork_IsAFault()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await host.RegisterAsync(await TestCollection.MakeAsync(host));
        int run = await host.SubmitAsync(TestRecipe.Small);
        long item = await host.ReadAsync(async database =>
        {
            Run row = await database.Runs.Include(candidate => candidate.Steps).SingleAsync(candidate => candidate.Id == run);
            row.State = RunState.Running;
            WorkItem waiting = new() { RunId = run, RunStepId = row.Steps[0].Id, Kind = "TrainClassifierSegment", Spec = "{}", NotBefore = host.Time.GetUtcNow().UtcDateTime, AttemptLimit = 5 };
            database.Add(waiting);
            await database.SaveChangesAsync();
            return waiting.Id;
        });
        host.Time.Advance(TimeSpan.FromMinutes(9));
        (await WaitingAsync(host)).Remedy.ShouldBeNull();
        host.Time.Advance(TimeSpan.FromMinutes(1));

        DoctorFinding finding = await WaitingAsync(host);

        finding.Finding.ShouldBe($"the oldest, item {item} of run {run} (TrainClassifierSegment), has waited 10.0 min; 0 are in work");
        finding.Remedy.ShouldNotBeNull().ShouldContain("workers of device cpu");
    }

    [Fact]
    public async Task ClocksThatDiffer_AreAFault_AndThoseOfRealServersAreAsked()
    {
        string connection = await TestServers.PostgresAsync();
        S3Access bucket = await TestServers.S3Async();
        S3Options s3 = new() { Endpoint = bucket.Endpoint.ToString().TrimEnd('/') };
        FakeTimeProvider late = new(DateTimeOffset.UtcNow.AddMinutes(-2));
        await using ServiceProvider services = Services(connection, late), right = Services(connection, TimeProvider.System);

        CheckResult fault = await Check(services, late, s3).RunAsync(CancellationToken.None);
        CheckResult well = await Check(right, TimeProvider.System, s3).RunAsync(CancellationToken.None);

        fault.Finding.ShouldMatch(@"^beside this coordinator's: the database \+1[12]\d\.\d s, the S3 server \+1[12]\d\.\d s$");
        fault.Remedy.ShouldBe("let all machines take their time from one source (NTP)");
        well.IsOk.ShouldBeTrue(well.ToString());
    }

    private static ClocksCheck Check(ServiceProvider services, TimeProvider time, S3Options s3) =>
        new(services.GetRequiredService<IDbContextFactory<FactoryDbContext>>(), services.GetRequiredService<IDatabaseClock>(), time, s3);

    private static ServiceProvider Services(string connection, TimeProvider time) => new ServiceCollection().AddSingleton(time).AddFactoryDatabase(new ConfigurationBuilder()
        .AddInMemoryCollection([new("Database:Provider", "PostgreSql"), new("Database:ConnectionString", connection)]).Build()).BuildServiceProvider();

    private static async Task<DoctorFinding> WaitingAsync(CoordinatorHost host) => (await ExamineAsync(host)).Single(finding => finding.Check == "waiting items");

    private static async Task<List<DoctorFinding>> ExamineAsync(CoordinatorHost host)
    {
        using HttpClient http = host.Client(null);
        return (await http.GetFromJsonAsync<List<DoctorFinding>>(Routes.Doctor, ContractJson.Options))!;
    }
}
