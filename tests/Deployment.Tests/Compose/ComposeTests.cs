using Factory.Hosting;
using YamlDotNet.Serialization;

namespace Factory.Deployment.Tests.Compose;

public sealed class ComposeTests
{
    private const string Main = "compose.yaml";
    private static readonly string[] Own = ["migration", "coordinator", "worker"];
    private static readonly ComposeFile File = ComposeFile.Read(Main);

    [Fact]
    public void UnknownField_IsFound() =>
        Should.Throw<Exception>(() => new DeserializerBuilder().Build().Deserialize<ComposeService>("imag: x")).Message.ShouldContain("imag");

    [Fact]
    public void OwnServices_AcceptTheirSettings()
    {
        ServiceSettings.ShouldAccept("coordinator", Of("coordinator"));
        ServiceSettings.ShouldAccept("worker", Of("worker"));
        ServiceSettings.ShouldBeKnown(Of("migration").Keys);
        Of("worker").Keys.ShouldAllBe(name => !name.StartsWith("Database", StringComparison.Ordinal) && !name.StartsWith("Api", StringComparison.Ordinal) && !name.StartsWith("PG", StringComparison.Ordinal));

        static Dictionary<string, string> Of(string service) => File.Services[service].Environment.ToDictionary(variable => variable.Key, variable => ComposeFile.Resolve(variable.Value));
    }

    [Fact]
    public void Images_AreVariablesWithAVersion()
    {
        foreach ((string name, ComposeService service) in File.Services)
        {
            service.Image.ShouldNotBeNull().ShouldStartWith("${", Case.Sensitive, name);
            string[] image = ComposeFile.Resolve(service.Image).Split(':');
            image.Length.ShouldBe(2, name);
            image[1].ShouldNotStartWith("latest", Case.Insensitive, name);
        }
    }

    [Fact]
    public void Variables_AreInTheExampleOrHaveADefault()
    {
        IReadOnlyDictionary<string, string> example = ComposeFile.Example();
        ILookup<string, string?> variables = ComposeFile.Variables(Main);

        foreach (IGrouping<string, string?> variable in variables)
        {
            if (variable.Any(standard => standard is null)) example.Keys.ShouldContain(variable.Key);
            else if (example.TryGetValue(variable.Key, out string? shown)) variable.ShouldAllBe(standard => standard == shown);
            variable.Distinct().Count().ShouldBe(1, $"{variable.Key} has one default");
        }
        example.Keys.ShouldBeSubsetOf(variables.Select(variable => variable.Key));
        example.Where(variable => variable.Key.EndsWith("PASSWORD", StringComparison.Ordinal) || variable.Key.EndsWith("KEY", StringComparison.Ordinal)).ShouldAllBe(secret => secret.Value.Length == 0);
    }

    [Fact]
    public void OwnServices_MayDoLittle()
    {
        foreach (string name in Own)
        {
            ComposeService service = File.Services[name];
            (service.ReadOnly, service.StopGracePeriod).ShouldBe((true, "45s"), name);
            service.CapDrop.ShouldBe(["ALL"]);
            service.SecurityOpt.ShouldBe(["no-new-privileges:true"]);
            service.Tmpfs.Single().ShouldStartWith("/tmp:size=");
        }
    }

    [Fact]
    public void EveryServiceThatIsWaitedFor_SaysWhetherItIsWell()
    {
        foreach ((string name, ComposeService service) in File.Services)
        {
            foreach ((string other, ComposeDependency dependency) in service.DependsOn)
            {
                if (dependency.Condition == "service_healthy") File.Services[other].Healthcheck.ShouldNotBeNull($"{name} waits for {other}");
                else (other, dependency.Condition).ShouldBe(("migration", "service_completed_successfully"));
            }
        }
        File.Services["coordinator"].Healthcheck!.Test.ShouldBe(["CMD", typeof(Coordinator.CoordinatorServices).Assembly.GetName().Name!, ServiceMain.HealthArgument]);
        File.Services["worker"].Healthcheck!.Test.ShouldBe(["CMD", typeof(GpuWorker.GpuWorkerServices).Assembly.GetName().Name!, ServiceMain.HealthArgument]);
    }

    [Fact]
    public void Services_ReachWhatTheyNeedAndNoMore()
    {
        Shared("coordinator", "postgres").ShouldBeTrue();
        Shared("coordinator", "rabbitmq").ShouldBeTrue();
        Shared("coordinator", "s3").ShouldBeTrue();
        Shared("migration", "postgres").ShouldBeTrue();
        Shared("worker", "rabbitmq").ShouldBeTrue();
        Shared("worker", "s3").ShouldBeTrue();
        Shared("worker", "postgres").ShouldBeFalse();
        File.Services.Where(service => service.Value.Ports.Count > 0).Select(service => service.Key).ShouldBe(["coordinator"]);
        File.Services.Values.SelectMany(service => service.Networks).ShouldBeSubsetOf(File.Networks.Keys);
        File.Services.Values.SelectMany(service => service.Volumes).Where(volume => !volume.StartsWith('.') && !volume.StartsWith('/')).Select(volume => volume.Split(':')[0]).ShouldBe(File.Volumes.Keys, ignoreOrder: true);

        static bool Shared(string one, string other) => File.Services[one].Networks.Intersect(File.Services[other].Networks).Any();
    }

    [Fact]
    public void Api_IsPublishedOnThisMachineOnlyAndWhereTheCoordinatorListens()
    {
        ComposeService coordinator = File.Services["coordinator"];

        ComposeFile.Resolve(coordinator.Ports.Single()).ShouldBe($"127.0.0.1:5080:{new Uri(coordinator.Environment["Api__Listen"]).Port}");
    }

    [Fact]
    public void GpuFile_GivesTheWorkerADevice() =>
        ComposeFile.Read("compose.gpu.yaml").Services["worker"].Deploy!.Resources!.Reservations!.Devices.Single().Capabilities.ShouldBe(["gpu"]);

    [Fact]
    public void Collector_UsesWhatItDefines()
    {
        Dictionary<string, Dictionary<string, object?>> collector = new DeserializerBuilder().Build().Deserialize<Dictionary<string, Dictionary<string, object?>>>(Deploy.Read("compose/collector.yaml"));
        Dictionary<object, object> pipelines = (Dictionary<object, object>)collector["service"]["pipelines"]!;

        pipelines.Keys.ShouldBe(["traces", "logs", "metrics"]);
        foreach (string part in new[] { "receivers", "processors", "exporters" })
        {
            pipelines.Values.SelectMany(pipeline => (List<object>)((Dictionary<object, object>)pipeline)[part]).Distinct().ShouldBe(collector[part].Keys, ignoreOrder: true);
        }
    }
}
