using Factory.Cli.Doctor;
using Factory.Cli.Output;
using Factory.Contracts.Api;
using Factory.Coordinator.Doctor;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;

namespace Factory.Cli.Tests.Doctor;

public sealed class ExaminationTests
{
    [Fact]
    public async Task EveryCheckIsMade_WhateverTheOthersFind()
    {
        var findings = await RunAsync(
            Check("first", () => Task.FromResult(CheckResult.Ok("well"))),
            Check("second", () => throw new InvalidOperationException("it broke\nin two lines")),
            Check("third", () => Task.FromResult(CheckResult.Fault("ill", "rest"))));

        findings.Select(finding => (finding.Check, finding.Remedy is null)).ShouldBe([("first", true), ("second", false), ("third", false)]);
        findings[1].Finding.ShouldBe("InvalidOperationException: it broke");
    }

    [Fact]
    public async Task CheckThatDoesNotAnswer_IsAFault()
    {
        FakeTimeProvider time = new();
        TaskCompletionSource begun = new();
        Task<IReadOnlyList<DoctorFinding>> examination = Examination.RunAsync(
            [Check("silent", () => { begun.SetResult(); return new TaskCompletionSource<CheckResult>().Task; })], time, CancellationToken.None);

        await begun.Task;
        while (!examination.IsCompleted)
        {
            time.Advance(Examination.Patience);
            await Task.Delay(5);
        }

        (await examination).ShouldHaveSingleItem().Finding.ShouldContain("no answer within 15 s");
    }

    [Fact]
    public async Task Interrupt_EndsTheExamination()
    {
        using CancellationTokenSource interrupt = new();
        await interrupt.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => Examination.RunAsync([Check("any", () => Task.FromResult(CheckResult.Ok("")))], TimeProvider.System, interrupt.Token));
    }

    [Fact]
    public void Table_NamesStateFindingAndRemedy()
    {
        using StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
        console.Profile.Width = 120;

        console.Write(DoctorView.Table([new() { Check = "torch", Finding = "computes [on] cpu" }, new() { Check = "broker", Finding = "gone", Remedy = "start it" }]));

        string[] lines = [.. text.ToString().Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        lines.ShouldContain("check state finding what to do");
        lines.ShouldContain("torch ok computes [on] cpu");
        lines.ShouldContain("broker fault gone start it");
    }

    [Theory]
    [InlineData("", "data folder,database,disk space,torch")]
    [InlineData("FACTORY_URL=http://here:5080", "coordinator,workers")]
    [InlineData("FACTORY_URL=nowhere", "coordinator")]
    [InlineData("Transport:Kind=RabbitMq", "broker")]
    [InlineData("Transport:Kind=InMemory", "data folder,database,disk space,torch")]
    [InlineData("FACTORY_URL=http://here:5080;Database:ConnectionString=x;Transport:Host=broker;Objects:Folder=/tmp", "coordinator,workers,database,broker,object store")]
    public void WhatIsConfigured_IsChecked(string settings, string checks)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(setting => setting.Split('=', 2)).ToDictionary(setting => setting[0], setting => (string?)setting[1])).Build();

        string.Join(',', DoctorChecks.For(configuration, "data", "cpu").Select(check => check.Name)).ShouldBe(checks);
    }

    private static Task<IReadOnlyList<DoctorFinding>> RunAsync(params IDoctorCheck[] checks) => Examination.RunAsync(checks, TimeProvider.System, CancellationToken.None);

    private static StubCheck Check(string name, Func<Task<CheckResult>> run) => new(name, run);

    private sealed class StubCheck(string name, Func<Task<CheckResult>> run) : IDoctorCheck
    {
        public string Name => name;

        public Task<CheckResult> RunAsync(CancellationToken cancellationToken) => run();
    }
}
