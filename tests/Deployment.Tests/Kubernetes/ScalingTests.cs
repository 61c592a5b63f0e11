using Factory.Contracts.Work;

namespace Factory.Deployment.Tests.Kubernetes;

/// <summary>Workers come and go with the queues of work.</summary>
public sealed class ScalingTests
{
    public static TheoryData<string> Scaled => ["overlays/gpu", "overlays/spot"];

    [Theory]
    [MemberData(nameof(Scaled))]
    public async Task Workers_FollowEveryQueueOfTheirDevice(string kustomization)
    {
        Manifests manifests = await Manifests.OfAsync(kustomization);
        string device = manifests.SettingsOf(manifests.Deployment("coordinator").Spec.Template.Spec.Containers.Single())["Runs__Device"];

        manifests.Of<ScaledObject>().Single().Spec.Triggers.Select(trigger => trigger.Metadata.QueueName).ShouldBe(WorkQueues.Of(device).Select(queue => queue.Name), ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Scaled))]
    public async Task Triggers_CountWhatIsInWorkToo(string kustomization)
    {
        Manifests manifests = await Manifests.OfAsync(kustomization);
        foreach (ScaleTrigger trigger in manifests.Of<ScaledObject>().Single().Spec.Triggers)
        {
            // Over AMQP only waiting messages are counted, and a worker at its last item would be taken away.
            (trigger.Type, trigger.Metadata.Mode, trigger.Metadata.Protocol).ShouldBe(("rabbitmq", "QueueLength", "http"));
            int.Parse(trigger.Metadata.Value!, null).ShouldBePositive();
            TriggerAuthentication authentication = manifests.Of<TriggerAuthentication>().Single(each => each.Metadata.Name == trigger.AuthenticationRef!.Name);
            authentication.Spec.SecretTargetRef.Select(target => target.Parameter).ShouldBe(["host"]);
        }
    }

    [Theory]
    [MemberData(nameof(Scaled))]
    public async Task ReplicasAreKedasToSay_AndMayBeNone(string kustomization)
    {
        Manifests manifests = await Manifests.OfAsync(kustomization);
        ScaledObjectSpec spec = manifests.Of<ScaledObject>().Single().Spec;

        manifests.Deployment(spec.ScaleTargetRef.Name!).Spec.Replicas.ShouldBeNull();
        spec.MinReplicaCount.ShouldBe(0);
        spec.MaxReplicaCount!.Value.ShouldBePositive();
        (spec.PollingInterval!.Value, spec.CooldownPeriod!.Value).ShouldSatisfyAllConditions(pace => pace.Item1.ShouldBePositive(), pace => pace.Item2.ShouldBeGreaterThan(pace.Item1));
        spec.Advanced!.HorizontalPodAutoscalerConfig!.Behavior!.ScaleDown.StabilizationWindowSeconds!.Value.ShouldBeInRange(0, 3600);
    }
}
