using Factory.GpuWorker.Presence;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Factory.GpuWorker.Tests.Presence;

public sealed class LifeSignTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("factory-life-").FullName;
    private readonly FakeTimeProvider _time = new(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private string Sign => Path.Combine(_folder, "alive");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task WorkerThatRuns_IsAlive_AndOneThatStoppedIsNot()
    {
        await using (TestWorker worker = await TestWorker.StartAsync(_time, ("Presence:File", Sign)))
        {
            Ask().ShouldBe((0, ""));
            await worker.Services.GetServices<IHostedService>().OfType<WorkerPresence>().Single().StopAsync(CancellationToken.None);
        }

        (int code, string said) = Ask();
        code.ShouldBe(1);
        said.ShouldContain("there is no sign of life in " + Sign);
    }

    [Fact]
    public void SignThatIsOld_MeansAWorkerThatHangs()
    {
        new LifeSign(Sign, TimeSpan.FromSeconds(10), _time).Write();
        _time.Advance(TimeSpan.FromSeconds(60));
        Ask().Code.ShouldBe(0);
        _time.Advance(TimeSpan.FromSeconds(1));

        (int code, string said) = Ask();

        code.ShouldBe(1);
        said.ShouldContain("61 s old");
    }

    [Fact]
    public void WithoutAFile_ThereIsNothingToAsk()
    {
        StringWriter said = new();

        OwnHealth.Ask(new ConfigurationBuilder().Build(), _time, said).ShouldBe(1);

        said.ToString().ShouldContain("Presence:File is not set");
    }

    [Fact]
    public void SignThatIsNoTime_IsNone()
    {
        File.WriteAllText(Sign, "nonsense");

        Ask().Code.ShouldBe(1);
    }

    private (int Code, string Said) Ask()
    {
        StringWriter said = new();
        IConfiguration settings = new ConfigurationBuilder().AddInMemoryCollection([new("Presence:File", Sign)]).Build();
        return (OwnHealth.Ask(settings, _time, said), said.ToString());
    }
}
