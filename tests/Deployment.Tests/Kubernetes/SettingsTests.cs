using k8s.Models;
using Npgsql;

namespace Factory.Deployment.Tests.Kubernetes;

/// <summary>What the services in a cluster are told, and what they may reach.</summary>
public sealed class SettingsTests
{
    [Theory]
    [MemberData(nameof(Manifests.All), MemberType = typeof(Manifests))]
    public async Task Services_KnowEverySettingAndAcceptItsValue(string kustomization)
    {
        Manifests manifests = await Manifests.OfAsync(kustomization);

        ServiceSettings.ShouldAccept("coordinator", Of("coordinator"));
        ServiceSettings.ShouldAccept("worker", Of("worker"));
        ServiceSettings.ShouldBeKnown(manifests.SettingsOf(manifests.Of<V1Job>().Single().Spec.Template.Spec.Containers.Single()).Keys);

        IReadOnlyDictionary<string, string> Of(string name) => manifests.SettingsOf(manifests.Deployment(name).Spec.Template.Spec.Containers.Single());
    }

    [Theory]
    [MemberData(nameof(Manifests.All), MemberType = typeof(Manifests))]
    public async Task Workers_HoldNoKeyToDatabaseOrApi(string kustomization)
    {
        Manifests manifests = await Manifests.OfAsync(kustomization);

        manifests.SettingsOf(manifests.Deployment("worker").Spec.Template.Spec.Containers.Single()).Keys
            .ShouldAllBe(name => !name.StartsWith("Database", StringComparison.Ordinal) && !name.StartsWith("Api", StringComparison.Ordinal) && !name.StartsWith("PG", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Manifests.All), MemberType = typeof(Manifests))]
    public async Task SecretsAskedFor_AreThoseTheExampleNames(string kustomization)
    {
        Manifests manifests = await Manifests.OfAsync(kustomization);
        string[] lines = Deploy.Read("k8s/secret.env.example").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        (string Secret, string Key)[] asked =
        [
            .. manifests.Containers.SelectMany(container => container.Env ?? []).Where(variable => variable.ValueFrom is not null).Select(variable => (variable.ValueFrom.SecretKeyRef.Name, variable.ValueFrom.SecretKeyRef.Key)),
            .. manifests.Of<TriggerAuthentication>().SelectMany(each => each.Spec.SecretTargetRef).Select(target => (target.Name!, target.Key!)),
        ];

        lines.ShouldAllBe(line => line.EndsWith('='), "no secret is in the repository");
        asked.Select(each => each.Secret).Distinct().ShouldBe(["factory"]);
        asked.Select(each => each.Key).ShouldBeSubsetOf(lines.Select(line => line.TrimEnd('=')));
        if (manifests.Of<TriggerAuthentication>().Any()) lines.Select(line => line.TrimEnd('=')).ShouldBeSubsetOf(asked.Select(each => each.Key));
        foreach (V1EnvVar variable in manifests.Containers.SelectMany(container => container.Env ?? []).Where(variable => variable.ValueFrom is not null))
        {
            // The command is a client of the coordinator beside it.
            (variable.Name == "FACTORY_API_KEY" ? "Api__Key" : variable.Name).ShouldBe(variable.ValueFrom.SecretKeyRef.Key);
        }
    }

    [Theory]
    [MemberData(nameof(Manifests.All), MemberType = typeof(Manifests))]
    public async Task Folders_AreOnVolumesThatHoldWhatIsPutThere(string kustomization)
    {
        Manifests manifests = await Manifests.OfAsync(kustomization);
        V1PodSpec pod = manifests.Deployment("worker").Spec.Template.Spec;
        V1Container worker = pod.Containers.Single();
        IReadOnlyDictionary<string, string> settings = manifests.SettingsOf(worker);
        long scratch = Limit("scratch"), all = worker.Resources.Limits["ephemeral-storage"].ToInt64();

        settings.Where(setting => setting.Value.StartsWith('/') && setting.Key != "Transport__VirtualHost").Select(setting => setting.Value)
            .ShouldAllBe(path => worker.VolumeMounts.Any(mount => path.StartsWith(mount.MountPath + "/", StringComparison.Ordinal)));
        (long.Parse(settings["Objects__Cache__MaxBytes"], null) + long.Parse(settings["Scratch__FileBytes"], null)).ShouldBeLessThan(scratch);
        (scratch + Limit("tmp")).ShouldBeLessThanOrEqualTo(all);
        foreach (V1Container container in manifests.Containers) container.VolumeMounts.ShouldContain(mount => mount.MountPath == "/tmp", "temporary files");

        long Limit(string volume) => pod.Volumes.Single(each => each.Name == volume).EmptyDir.SizeLimit.ToInt64();
    }

    [Theory]
    [MemberData(nameof(Manifests.All), MemberType = typeof(Manifests))]
    public async Task Runs_ArePinnedToWhatAWorkerHas(string kustomization)
    {
        Manifests manifests = await Manifests.OfAsync(kustomization);
        IReadOnlyDictionary<string, string> coordinator = manifests.SettingsOf(manifests.Deployment("coordinator").Spec.Template.Spec.Containers.Single());
        V1Container worker = manifests.Deployment("worker").Spec.Template.Spec.Containers.Single();

        int.Parse(coordinator["Runs__Threads"], null).ShouldBeLessThanOrEqualTo(worker.Resources.Limits["cpu"].ToInt32());
        manifests.SettingsOf(worker)["Device__Name"].ShouldStartWith(coordinator["Runs__Device"]);
    }

    [Theory]
    [MemberData(nameof(Manifests.All), MemberType = typeof(Manifests))]
    public async Task NetworkPolicies_LetThroughWhatIsConfiguredAndSelectEveryPod(string kustomization)
    {
        Manifests manifests = await Manifests.OfAsync(kustomization);
        foreach ((string name, IDictionary<string, string> labels, V1PodSpec pod) in manifests.Workloads)
        {
            V1NetworkPolicy[] policies = [.. manifests.Of<V1NetworkPolicy>().Where(policy => policy.Spec.PodSelector.MatchLabels.All(labels.Contains))];
            string[] open = [.. policies.SelectMany(policy => policy.Spec.Egress ?? []).SelectMany(rule => rule.Ports).Select(port => $"{port.Protocol}/{port.Port.Value}")];
            string[] entrances = [.. policies.SelectMany(policy => policy.Spec.Ingress ?? []).SelectMany(rule => rule.Ports).Select(port => port.Port.Value)];

            policies.ShouldAllBe(policy => policy.Spec.PolicyTypes.Contains("Ingress") && policy.Spec.PolicyTypes.Contains("Egress"));
            open.ShouldBe([.. PortsOf(manifests.SettingsOf(pod.Containers.Single())), "UDP/53", "TCP/53"], ignoreOrder: true, customMessage: name);
            entrances.ShouldBe(pod.Containers.Single().Ports?.Select(port => port.Name) ?? [], name);
        }
    }

    [Fact]
    public async Task TelemetryComponent_LeadsCoordinatorsAndWorkersToACollector()
    {
        Manifests manifests = await Manifests.OfAsync(Manifests.WithTelemetry);

        manifests.Deployments.Select(each => manifests.SettingsOf(each.Spec.Template.Spec.Containers.Single())["OTEL_EXPORTER_OTLP_ENDPOINT"]).ShouldAllBe(collector => collector == "http://otel-collector:4317");
    }

    [Theory]
    [MemberData(nameof(Manifests.All), MemberType = typeof(Manifests))]
    public async Task Coordinator_ListensOnThePortItDeclares(string kustomization)
    {
        Manifests manifests = await Manifests.OfAsync(kustomization);
        V1Container container = manifests.Deployment("coordinator").Spec.Template.Spec.Containers.Single();

        container.Ports.Single().ContainerPort.ShouldBe(new Uri(manifests.SettingsOf(container)["Api__Listen"]).Port);
    }

    private static IEnumerable<string> PortsOf(IReadOnlyDictionary<string, string> settings)
    {
        if (settings.TryGetValue("Database__ConnectionString", out string? database)) yield return $"TCP/{new NpgsqlConnectionStringBuilder(database).Port}";
        if (settings.TryGetValue("Transport__Port", out string? broker)) yield return $"TCP/{broker}";
        if (settings.TryGetValue("OTEL_EXPORTER_OTLP_ENDPOINT", out string? collector)) yield return $"TCP/{new Uri(collector).Port}";
        if (!settings.TryGetValue("Objects__S3__Endpoint", out string? bucket)) yield break;
        yield return $"TCP/{new Uri(bucket).Port}";
        // The place of a real service, for sites that change no more than the name.
        if (new Uri(bucket).Port != 443) yield return "TCP/443";
    }
}
