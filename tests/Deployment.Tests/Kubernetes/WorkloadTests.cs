using Factory.Contracts.Api;
using Factory.Hosting;
using k8s.Models;

namespace Factory.Deployment.Tests.Kubernetes;

/// <summary>Rules for everything that runs in a cluster.</summary>
public sealed class WorkloadTests
{
    [Theory]
    [MemberData(nameof(Manifests.All), MemberType = typeof(Manifests))]
    public async Task Images_HaveAVersion(string kustomization)
    {
        foreach (V1Container container in (await Manifests.OfAsync(kustomization)).Containers)
        {
            string[] image = container.Image.Split(':');
            image.Length.ShouldBe(2, container.Image);
            image[0].ShouldBeOneOf("factory/coordinator", "factory/worker");
            image[1].ShouldNotStartWith("latest");
        }
    }

    [Theory]
    [MemberData(nameof(Manifests.All), MemberType = typeof(Manifests))]
    public async Task Resources_AreAskedForAndBounded(string kustomization)
    {
        foreach (V1Container container in (await Manifests.OfAsync(kustomization)).Containers)
        {
            foreach (string resource in new[] { "cpu", "memory", "ephemeral-storage" })
            {
                container.Resources.Limits.Keys.ShouldContain(resource, container.Name);
                if (resource != "ephemeral-storage") container.Resources.Requests.Keys.ShouldContain(resource, container.Name);
            }
            foreach ((string resource, ResourceQuantity wanted) in container.Resources.Requests)
            {
                wanted.ToDecimal().ShouldBeLessThanOrEqualTo(container.Resources.Limits[resource].ToDecimal(), $"{container.Name}: {resource}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Manifests.All), MemberType = typeof(Manifests))]
    public async Task Pods_AreOfTheRestrictedProfile(string kustomization)
    {
        Manifests manifests = await Manifests.OfAsync(kustomization);
        foreach ((string name, _, V1PodSpec pod) in manifests.Workloads)
        {
            (pod.SecurityContext.RunAsNonRoot, pod.SecurityContext.SeccompProfile.Type).ShouldBe((true, "RuntimeDefault"), name);
            pod.SecurityContext.RunAsUser.ShouldNotBeNull().ShouldBeGreaterThan(0);
            (pod.HostNetwork ?? false, pod.HostPID ?? false, pod.HostIPC ?? false, pod.AutomountServiceAccountToken ?? true).ShouldBe((false, false, false, false), name);
            manifests.Of<V1ServiceAccount>().ShouldContain(account => account.Metadata.Name == pod.ServiceAccountName);
            pod.Volumes.ShouldAllBe(volume => volume.EmptyDir != null && volume.EmptyDir.SizeLimit != null);
        }
        foreach (V1Container container in manifests.Containers)
        {
            V1SecurityContext context = container.SecurityContext;
            (context.AllowPrivilegeEscalation, context.ReadOnlyRootFilesystem, context.Privileged ?? false).ShouldBe((false, true, false), container.Name);
            context.Capabilities.Drop.ShouldBe(["ALL"]);
            (context.Capabilities.Add ?? []).ShouldBeEmpty();
        }
        manifests.Of<V1Namespace>().Single().Metadata.Labels["pod-security.kubernetes.io/enforce"].ShouldBe("restricted");
    }

    [Theory]
    [MemberData(nameof(Manifests.All), MemberType = typeof(Manifests))]
    public async Task Coordinator_IsProbedWhereItAnswers(string kustomization)
    {
        V1Container container = (await Manifests.OfAsync(kustomization)).Deployment("coordinator").Spec.Template.Spec.Containers.Single();

        container.StartupProbe.HttpGet.Path.ShouldBe(Routes.Health);
        container.LivenessProbe.HttpGet.Path.ShouldBe(Routes.Health);
        container.ReadinessProbe.HttpGet.Path.ShouldBe(Routes.Ready);
        foreach (V1Probe probe in new[] { container.StartupProbe, container.LivenessProbe, container.ReadinessProbe }) container.Ports.ShouldContain(port => port.Name == probe.HttpGet.Port.Value);
    }

    [Theory]
    [MemberData(nameof(Manifests.All), MemberType = typeof(Manifests))]
    public async Task Worker_IsProbedByItsOwnProgram(string kustomization)
    {
        Manifests manifests = await Manifests.OfAsync(kustomization);
        V1Container container = manifests.Deployment("worker").Spec.Template.Spec.Containers.Single();
        string[] asks = [typeof(GpuWorker.GpuWorkerServices).Assembly.GetName().Name!, ServiceMain.HealthArgument];

        container.StartupProbe.Exec.Command.ShouldBe(asks);
        container.LivenessProbe.Exec.Command.ShouldBe(asks);
        manifests.SettingsOf(container).Keys.ShouldContain("Presence__File");
    }

    [Theory]
    [MemberData(nameof(Manifests.All), MemberType = typeof(Manifests))]
    public async Task Selectors_MatchOneWorkload(string kustomization)
    {
        Manifests manifests = await Manifests.OfAsync(kustomization);

        foreach (V1Deployment each in manifests.Deployments) Selected(each.Spec.Selector.MatchLabels).ShouldBe([each.Metadata.Name]);
        foreach (V1PodDisruptionBudget each in manifests.Of<V1PodDisruptionBudget>()) Selected(each.Spec.Selector.MatchLabels).ShouldBe([each.Metadata.Name]);
        foreach (V1Service service in manifests.Of<V1Service>())
        {
            Selected(service.Spec.Selector).ShouldBe([service.Metadata.Name]);
            IEnumerable<string> ports = manifests.Deployment(service.Metadata.Name).Spec.Template.Spec.Containers.SelectMany(container => container.Ports).Select(port => port.Name);
            service.Spec.Ports.ShouldAllBe(port => ports.Contains(port.TargetPort.Value));
        }

        string[] Selected(IDictionary<string, string> labels) => [.. manifests.Workloads.Where(each => labels.All(each.Labels.Contains)).Select(each => each.Name)];
    }

    [Theory]
    [MemberData(nameof(Manifests.All), MemberType = typeof(Manifests))]
    public async Task DisruptionBudgets_LetANodeBeDrained(string kustomization)
    {
        Manifests manifests = await Manifests.OfAsync(kustomization);
        foreach (V1PodDisruptionBudget budget in manifests.Of<V1PodDisruptionBudget>().Where(budget => budget.Spec.MinAvailable is not null))
        {
            int.Parse(budget.Spec.MinAvailable.Value, null).ShouldBeLessThan(manifests.Deployment(budget.Metadata.Name).Spec.Replicas!.Value);
        }
    }

    [Theory]
    [MemberData(nameof(Manifests.All), MemberType = typeof(Manifests))]
    public async Task Grace_IsLongerThanAnOrderlyStop(string kustomization)
    {
        const int Usual = 30, Margin = 5;
        Manifests manifests = await Manifests.OfAsync(kustomization);
        foreach (V1Deployment deployment in manifests.Deployments)
        {
            V1Container container = deployment.Spec.Template.Spec.Containers.Single();
            long stop = manifests.SettingsOf(container).TryGetValue("shutdownTimeoutSeconds", out string? seconds) ? long.Parse(seconds, null) : Usual;
            long before = container.Lifecycle?.PreStop?.Sleep?.Seconds ?? 0;

            deployment.Spec.Template.Spec.TerminationGracePeriodSeconds.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(before + stop + Margin);
        }
    }

    [Fact]
    public async Task SpotWorkers_TolerateTheirNodesAndStopSooner()
    {
        V1PodSpec usual = (await Manifests.OfAsync("overlays/gpu")).Deployment("worker").Spec.Template.Spec, spot = (await Manifests.OfAsync("overlays/spot")).Deployment("worker").Spec.Template.Spec;

        spot.TerminationGracePeriodSeconds!.Value.ShouldBeLessThan(Math.Min(30, usual.TerminationGracePeriodSeconds!.Value));
        spot.Tolerations.ShouldContain(toleration => toleration.Key == "factory/spot");
    }

    [Theory]
    [InlineData("overlays/gpu")]
    [InlineData("overlays/spot")]
    public async Task GpuWorkers_HaveAGpuAndAnImageThatUsesIt(string kustomization)
    {
        Manifests manifests = await Manifests.OfAsync(kustomization);
        V1Container worker = manifests.Deployment("worker").Spec.Template.Spec.Containers.Single();

        worker.Resources.Limits["nvidia.com/gpu"].ToInt32().ShouldBe(1);
        worker.Image.ShouldEndWith("-cuda");
        manifests.SettingsOf(worker)["Device__Name"].ShouldStartWith("cuda");
    }
}
