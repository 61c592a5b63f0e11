using Factory.Cli.Doctor;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Doctor;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Factory.Cli.Tests.Doctor;

public sealed class CoordinatorChecksTests
{
    [Fact]
    public async Task CoordinatorOfThisVersion_IsWell()
    {
        await using StubCoordinator coordinator = await StubCoordinator.StartAsync((Routes.Version, Version(FactoryBuild.Current)));

        CheckResult result = await new ApiCheck(coordinator.Url.ToString()).RunAsync(CancellationToken.None);

        result.IsOk.ShouldBeTrue(result.ToString());
        result.Finding.ShouldContain(FactoryBuild.Current);
    }

    [Theory]
    [InlineData(401, "FACTORY_API_KEY")]
    [InlineData(403, "FACTORY_API_KEY")]
    [InlineData(404, "another program, or to an older coordinator")]
    [InlineData(429, "wait a minute")]
    [InlineData(500, "the coordinator's log")]
    public async Task CoordinatorThatRefuses_IsAFaultWithItsRemedy(int status, string remedy)
    {
        await using StubCoordinator coordinator = await StubCoordinator.StartAsync((Routes.Version, () => Results.StatusCode(status)));

        CheckResult result = await new ApiCheck(coordinator.Url.ToString()).RunAsync(CancellationToken.None);

        result.Finding.ShouldContain($"{status}");
        result.Remedy.ShouldNotBeNull().ShouldContain(remedy);
    }

    [Fact]
    public async Task TextThatNoKeyCanBe_IsAFaultWithItsRemedy()
    {
        CheckResult result = await new ApiCheck("http://127.0.0.1:9", "two words").RunAsync(CancellationToken.None);

        result.Finding.ShouldStartWith("FACTORY_API_KEY is no key");
        result.Remedy.ShouldNotBeNull().ShouldContain("set FACTORY_API_KEY");
        (await new WorkersCheck(new("http://127.0.0.1:9"), "two words").RunAsync(CancellationToken.None)).Finding.ShouldStartWith("FACTORY_API_KEY is no key");
    }

    [Fact]
    public async Task ConfiguredKey_IsShown()
    {
        await using StubCoordinator coordinator = await StubCoordinator.StartAsync((Routes.Version, Version(FactoryBuild.Current)), (Routes.Workers, () => Results.Json(Array.Empty<WorkerStatus>())));
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection([new("FACTORY_URL", coordinator.Url.ToString()), new("FACTORY_API_KEY", "a-key-for-this-test")]).Build();

        foreach (IDoctorCheck check in DoctorChecks.For(configuration, "data", "cpu"))
        {
            await check.RunAsync(CancellationToken.None);
            coordinator.Authorization.ShouldBe("Bearer a-key-for-this-test", check.Name);
        }
    }

    [Fact]
    public async Task CoordinatorOfAnotherVersion_IsAFault()
    {
        await using StubCoordinator coordinator = await StubCoordinator.StartAsync((Routes.Version, Version("9.0.0+abc")));

        (await new ApiCheck(coordinator.Url.ToString()).RunAsync(CancellationToken.None)).Remedy.ShouldBe("use a command of the coordinator's version");
    }

    [Fact]
    public void RevisionOfOneVersion_MayDiffer() => ApiCheck.Compare(new("http://here"), "0.1.0+abc", "0.1.0+def").IsOk.ShouldBeTrue();

    [Theory]
    [InlineData("http://127.0.0.1:9", "cannot be reached", "start the coordinator")]
    [InlineData("factory.local", "no address", "http://127.0.0.1:5080")]
    public async Task CoordinatorThatIsNotThere_IsAFault(string url, string finding, string remedy)
    {
        CheckResult result = await new ApiCheck(url).RunAsync(CancellationToken.None);

        result.Finding.ShouldContain(finding);
        result.Remedy.ShouldNotBeNull().ShouldContain(remedy);
    }

    [Fact]
    public async Task WhatTheCoordinatorFinds_IsToldAsItsOwn()
    {
        DoctorFinding[] found = [new() { Check = "queues", Finding = "all there" }, new() { Check = "clocks", Finding = "apart", Remedy = "use NTP" }];
        await using StubCoordinator coordinator = await StubCoordinator.StartAsync(
            (Routes.Version, Version(FactoryBuild.Current)), (Routes.Workers, () => Results.Json(Array.Empty<WorkerStatus>())), (Routes.Doctor, () => Results.Json(found, ContractJson.Options)));
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection([new("FACTORY_URL", coordinator.Url.ToString())]).Build();

        IReadOnlyList<DoctorFinding> findings = await DoctorChecks.ExamineAsync(configuration, "data", "cpu", CancellationToken.None);

        findings.Select(finding => (finding.Check, finding.Remedy is null)).ShouldBe([("coordinator", true), ("workers", false), ("coordinator: queues", true), ("coordinator: clocks", false)]);
    }

    [Theory]
    [InlineData(403, "set FACTORY_API_KEY to a key of role operator or admin")]
    [InlineData(404, "bring the coordinator to this command's version")]
    [InlineData(401, "see what is said of the coordinator")]
    public async Task CoordinatorThatDoesNotExamine_IsAFaultWithItsRemedy(int status, string remedy)
    {
        await using StubCoordinator coordinator = await StubCoordinator.StartAsync((Routes.Doctor, () => Results.StatusCode(status)));

        DoctorFinding finding = (await Deployment.ExamineAsync(coordinator.Url, null, CancellationToken.None)).ShouldHaveSingleItem();

        (finding.Check, finding.Remedy).ShouldBe(("coordinator: examination", remedy));
    }

    [Fact]
    public async Task WorkersOfTheCoordinatorsBuild_AreWell()
    {
        await using StubCoordinator coordinator = await StubCoordinator.StartAsync(
            (Routes.Version, Version("1.0.0+abc")), (Routes.Workers, () => Results.Json(new[] { Worker("a"), Worker("b") with { Device = "cuda" } }, ContractJson.Options)));

        CheckResult result = await new WorkersCheck(coordinator.Url).RunAsync(CancellationToken.None);

        result.ShouldBe(CheckResult.Ok("1 cpu, 1 cuda; all of the coordinator's build, clocks within 0.2 s"));
    }

    public static TheoryData<WorkerStatus[], string> FaultyWorkers => new()
    {
        { [], "no worker was heard of within a day" },
        { [Worker("a") with { SecondsAgo = 61 }], "no worker was heard of within a minute; 1 within a day" },
        { [Worker("a") with { Stopped = true }], "no worker was heard of within a minute; 1 within a day" },
        { [Worker("a"), Worker("b") with { Build = "0.9.0" }], "worker b is build 0.9.0, the coordinator 1.0.0+abc" },
        { [Worker("a") with { SkewSeconds = 12.34 }], "the clock of worker a is 12.3 s behind the coordinator's" },
        { [Worker("a") with { SkewSeconds = -8 }], "the clock of worker a is 8.0 s ahead of the coordinator's" },
    };

    [Theory]
    [MemberData(nameof(FaultyWorkers))]
    public void WorkersThatAreNotFit_AreAFault(WorkerStatus[] workers, string finding)
    {
        CheckResult result = WorkersCheck.Judge(workers, "1.0.0+abc");

        result.IsOk.ShouldBeFalse();
        result.Finding.ShouldBe(finding);
    }

    [Fact]
    public void WorkerThatStopped_DoesNotSpoilTheOthers() =>
        WorkersCheck.Judge([Worker("a"), Worker("old") with { Build = "0.9.0", Stopped = true }, Worker("dead") with { Build = "0.9.0", SecondsAgo = 3600 }], "1.0.0+abc").IsOk.ShouldBeTrue();

    internal static WorkerStatus Worker(string name) => new()
    {
        Name = name,
        Build = "1.0.0+abc",
        Device = "cpu",
        DeviceName = "a processor",
        Checkpoints = [],
        StartedAt = DateTime.UnixEpoch,
        SeenAt = DateTime.UnixEpoch,
        SecondsAgo = 4,
        SkewSeconds = 0.2,
        Stopped = false,
    };

    private static Func<IResult> Version(string build) => () => Results.Json(new CoordinatorVersion { Build = build }, ContractJson.Options);
}
