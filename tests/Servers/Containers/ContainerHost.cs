using System.Collections.Concurrent;
using System.Globalization;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;
using Factory.Tests.Servers.Native;

namespace Factory.Tests.Servers.Containers;

/// <summary>A server as a container. It goes with the test process: the resource reaper of Testcontainers sees to that, or else a lifeline that calls <c>docker rm</c>.</summary>
internal sealed class ContainerHost : IServerHost
{
    /// <summary>Images that could not be had, with the reason: asking the registry again takes seconds.</summary>
    private static readonly ConcurrentDictionary<string, string> Missing = new();

    private readonly IContainer _container;
    private Lifeline? _lifeline;
    private Task<long>? _end;

    private ContainerHost(IContainer container) => _container = container;

    public string Description => $"container of {_container.Image.FullName}";

    /// <summary>Makes a container with ports (host to container) published on loopback; it is started too, for a missing image shows only then.</summary>
    /// <exception cref="ServerUnavailableException">No engine answers, or it cannot get the image.</exception>
    public static async Task<IServerHost> CreateAsync(string image, Dictionary<int, int> ports, Dictionary<string, string> environment, string[] command)
    {
        await ContainerEngine.RequireAsync();
        if (Missing.TryGetValue(image, out string? reason)) throw new ServerUnavailableException(reason);
        ContainerBuilder builder = new ContainerBuilder(image)
            .WithEnvironment(environment)
            .WithCreateParameterModifier(parameters => parameters.HostConfig!.PortBindings = ports.ToDictionary(pair => $"{pair.Value}/tcp", pair => Binding(pair.Key)));
        foreach (int inside in ports.Values) builder = builder.WithExposedPort(inside);
        if (command.Length > 0) builder = builder.WithCommand(command);
        ContainerHost host = new(builder.Build());
        try
        {
            await host.StartAsync();
            return host;
        }
        catch (Exception error) when (error is Docker.DotNet.DockerApiException or HttpRequestException)
        {
            await host.DisposeAsync();
            throw new ServerUnavailableException(Missing.GetOrAdd(image, $"the Docker engine has no {image} and cannot get it: {error.Message.Trim()}"));
        }
    }

    public async Task StartAsync()
    {
        if (_container.State is TestcontainersStates.Running) return;
        await _container.StartAsync();
        _end = _container.GetExitCodeAsync();
        if (!TestcontainersSettings.ResourceReaperEnabled && Programs.Has("docker")) _lifeline ??= await Lifeline.OfContainerAsync(_container.Id);
    }

    public Task StopAsync() => _container.StopAsync();

    public Task PauseAsync() => _container.PauseAsync();

    public Task ResumeAsync() => _container.UnpauseAsync();

    public async Task ThrowIfEndedAsync()
    {
        if (_end is not { IsCompletedSuccessfully: true }) return;
        (string output, string errors) = await _container.GetLogsAsync();
        throw new InvalidOperationException($"{Description} ended by itself: {string.Join('\n', (output + errors).Split('\n').TakeLast(20))}");
    }

    public async ValueTask DisposeAsync()
    {
        await _container.DisposeAsync();
        if (_lifeline is not null) await _lifeline.DisposeAsync();
    }

    private static IList<PortBinding> Binding(int port) => [new PortBinding { HostIP = "127.0.0.1", HostPort = port.ToString(CultureInfo.InvariantCulture) }];
}
