using System.Text.Json;

namespace Factory.Deployment.Tests.Docker;

/// <summary>Rules for the images of the services, built with a registry (deploy/docker) and without one (deploy/offline).</summary>
public sealed class DockerfileTests
{
    public static TheoryData<string, Type> Services => new() { { "coordinator", typeof(Coordinator.CoordinatorServices) }, { "worker", typeof(GpuWorker.GpuWorkerServices) } };

    [Theory]
    [MemberData(nameof(Services))]
    public void Image_RunsTheServiceItselfWithoutRights(string service, Type part)
    {
        string[] image = FinalStage($"docker/{service}.Dockerfile");
        string[] start = JsonSerializer.Deserialize<string[]>(image.Single(line => line.StartsWith("ENTRYPOINT ", StringComparison.Ordinal))["ENTRYPOINT ".Length..])!;

        start.ShouldBe([$"/app/{part.Assembly.GetName().Name}"], "no shell between the engine's signal and the service");
        image.ShouldContain("USER 1654:1654");
        image.Single(line => line.StartsWith("VOLUME ", StringComparison.Ordinal)).Split(' ').ShouldContain("/tmp");
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void ImageBuiltWithoutARegistry_IsTheSame(string service, Type part)
    {
        part.ShouldNotBeNull();
        Settings(FinalStage($"offline/{service}/Dockerfile")).ShouldBe(Settings(FinalStage($"docker/{service}.Dockerfile")));

        static IEnumerable<string> Settings(string[] stage) => stage.Where(line => !line.StartsWith("COPY ", StringComparison.Ordinal) && !line.StartsWith("FROM ", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void BaseImages_AreArgumentsWithAVersion(string service, Type part)
    {
        part.ShouldNotBeNull();
        string[] lines = Lines($"docker/{service}.Dockerfile");

        lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).ShouldBe(["FROM ${SDK} AS build", "FROM ${RUNTIME}"]);
        foreach (string name in new[] { "SDK", "RUNTIME" }) lines.Single(line => line.StartsWith($"ARG {name}=", StringComparison.Ordinal)).ShouldMatch(@":10\.0\.\d+-");
    }

    [Fact]
    public void Worker_KnowsTheSettingsOfItsImage() => ServiceSettings.ShouldBeKnown(
        FinalStage("docker/worker.Dockerfile").Single(line => line.StartsWith("ENV ", StringComparison.Ordinal)).Split(' ').Select(pair => pair.Split('=')[0]).Where(name => name.Contains("__", StringComparison.Ordinal) && !name.StartsWith("DOTNET", StringComparison.Ordinal)));

    private static string[] FinalStage(string file) => [.. Lines(file).SkipWhile(line => line is not ("FROM ${RUNTIME}" or "FROM ${BASE}"))];

    // Instructions as the engine sees them: comments gone, continued lines joined.
    private static string[] Lines(string file) => [.. string.Join('\n', Deploy.Read(file).Split('\n').Where(line => !line.TrimStart().StartsWith('#')))
        .Replace("\\\n", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
}
