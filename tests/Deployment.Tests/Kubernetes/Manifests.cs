using System.Collections.Concurrent;
using System.Text.Json;
using Factory.Tests.Servers;
using k8s;
using k8s.Models;

namespace Factory.Deployment.Tests.Kubernetes;

/// <summary>The objects that a kustomization makes, each parsed strictly: a field that its type does not have is an error.</summary>
internal sealed class Manifests(IReadOnlyList<object> objects)
{
    private static readonly Dictionary<string, Type> Custom = new()
    {
        ["kustomize.config.k8s.io/v1beta1/Kustomization"] = typeof(Kustomization),
        ["kustomize.config.k8s.io/v1alpha1/Component"] = typeof(Kustomization),
        ["keda.sh/v1alpha1/ScaledObject"] = typeof(ScaledObject),
        ["keda.sh/v1alpha1/TriggerAuthentication"] = typeof(TriggerAuthentication),
    };

    private static readonly ConcurrentDictionary<string, Lazy<Task<Manifests>>> Built = new();

    /// <summary>The base with a collector, as a site's own overlay adds it.</summary>
    public const string WithTelemetry = "../../tests/Deployment.Tests/Kubernetes/with-telemetry";

    /// <summary>The kustomizations that are applied.</summary>
    public static TheoryData<string> All => ["base", "overlays/dev", "overlays/gpu", "overlays/spot", WithTelemetry];

    public IEnumerable<V1Deployment> Deployments => Of<V1Deployment>();

    /// <summary>Everything that runs: name, kind, labels and pod.</summary>
    public IEnumerable<(string Name, IDictionary<string, string> Labels, V1PodSpec Pod)> Workloads =>
    [
        .. Deployments.Select(each => (each.Metadata.Name, each.Spec.Template.Metadata.Labels, each.Spec.Template.Spec)),
        .. Of<V1Job>().Select(each => (each.Metadata.Name, each.Spec.Template.Metadata.Labels, each.Spec.Template.Spec)),
    ];

    public IEnumerable<V1Container> Containers => Workloads.SelectMany(each => (each.Pod.InitContainers ?? []).Concat(each.Pod.Containers));

    public IEnumerable<T> Of<T>() => objects.OfType<T>();

    public V1Deployment Deployment(string name) => Deployments.Single(each => each.Metadata.Name == name);

    /// <summary>The objects of a kustomization: the base as it is written, overlays as kustomize builds them.</summary>
    public static Task<Manifests> OfAsync(string kustomization) => Built.GetOrAdd(kustomization, name => new(() => BuildAsync(name))).Value;

    /// <summary>The objects of a file, strictly.</summary>
    public static IReadOnlyList<object> Read(string path) => Parse(File.ReadAllText(path));

    /// <summary>The settings that a container has from configuration and from secrets, by their names in the environment; a secret's value is a stand-in.</summary>
    public IReadOnlyDictionary<string, string> SettingsOf(V1Container container)
    {
        Dictionary<string, string> settings = [];
        foreach (V1EnvFromSource source in container.EnvFrom ?? [])
        {
            foreach ((string key, string value) in Of<V1ConfigMap>().Single(map => map.Metadata.Name == source.ConfigMapRef.Name).Data) settings[key] = value;
        }
        foreach (V1EnvVar variable in container.Env ?? []) settings[variable.Name] = variable.Value ?? "a-secret-of-24-characters";
        return settings;
    }

    private static async Task<Manifests> BuildAsync(string kustomization)
    {
        string folder = Deploy.PathOf($"k8s/{kustomization}");
        if (kustomization == "base") return new([.. Read(Path.Combine(folder, "kustomization.yaml")).Cast<Kustomization>().Single().Resources.SelectMany(file => Read(Path.Combine(folder, file)))]);
        await RequireKustomizeAsync();
        return new(Parse(await Tool.SucceedAsync("kubectl", ["kustomize", folder])));
    }

    private static List<object> Parse(string text) => KubernetesYaml.LoadAllFromString(text, Custom, strict: true);

    private static async Task RequireKustomizeAsync()
    {
        if (await Tool.AnswersAsync("kubectl", "kustomize", "--help") && IsRecent(await Tool.SucceedAsync("kubectl", ["version", "--client", "--output", "json"]))) return;
        const string Missing = "kubectl 1.27 or later, which builds overlays, is not on this machine";
        if (Requirement.Names("kubectl")) Assert.Fail($"{Requirement.Variable} wants kubectl: {Missing}");
        Assert.Skip(Missing);
    }

    private static bool IsRecent(string versions)
    {
        using JsonDocument json = JsonDocument.Parse(versions);
        JsonElement client = json.RootElement.GetProperty("clientVersion");
        int Part(string name) => int.Parse(client.GetProperty(name).GetString()!.TrimEnd('+'), null);
        return (Part("major"), Part("minor")).CompareTo((1, 27)) >= 0;
    }
}
