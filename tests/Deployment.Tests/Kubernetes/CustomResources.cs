using k8s.Models;

namespace Factory.Deployment.Tests.Kubernetes;

/// <summary>A kustomization, as far as this project uses it.</summary>
internal sealed class Kustomization
{
    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public string? Namespace { get; set; }

    public IList<string> Resources { get; set; } = [];

    public IList<KustomizationPatch> Patches { get; set; } = [];

    public IList<KustomizationImage> Images { get; set; } = [];
}

/// <summary>A patch of a kustomization: a file, or its text.</summary>
internal sealed class KustomizationPatch
{
    public string? Path { get; set; }

    public string? Patch { get; set; }

    public KustomizationTarget? Target { get; set; }
}

/// <summary>What a patch is for.</summary>
internal sealed class KustomizationTarget
{
    public string? Kind { get; set; }

    public string? Name { get; set; }
}

/// <summary>A tag given to an image.</summary>
internal sealed class KustomizationImage
{
    public string? Name { get; set; }

    public string? NewTag { get; set; }
}

/// <summary>KEDA: how many replicas a deployment has (<c>keda.sh/v1alpha1</c>).</summary>
internal sealed class ScaledObject
{
    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public V1ObjectMeta Metadata { get; set; } = new();

    public ScaledObjectSpec Spec { get; set; } = new();
}

/// <summary>What a <see cref="ScaledObject"/> says.</summary>
internal sealed class ScaledObjectSpec
{
    public ScaleTarget ScaleTargetRef { get; set; } = new();

    public int? PollingInterval { get; set; }

    public int? CooldownPeriod { get; set; }

    public int? MinReplicaCount { get; set; }

    public int? MaxReplicaCount { get; set; }

    public ScaledObjectAdvanced? Advanced { get; set; }

    public IList<ScaleTrigger> Triggers { get; set; } = [];
}

/// <summary>The deployment that is scaled.</summary>
internal sealed class ScaleTarget
{
    public string? Name { get; set; }
}

/// <summary>How the autoscaler below KEDA behaves.</summary>
internal sealed class ScaledObjectAdvanced
{
    public AutoscalerConfig? HorizontalPodAutoscalerConfig { get; set; }
}

/// <summary>Its configuration.</summary>
internal sealed class AutoscalerConfig
{
    public V2HorizontalPodAutoscalerBehavior? Behavior { get; set; }
}

/// <summary>What replicas follow.</summary>
internal sealed class ScaleTrigger
{
    public string? Type { get; set; }

    public RabbitMqTrigger Metadata { get; set; } = new();

    public TriggerReference? AuthenticationRef { get; set; }
}

/// <summary>The fields of a trigger of type <c>rabbitmq</c> that are used here.</summary>
internal sealed class RabbitMqTrigger
{
    public string? QueueName { get; set; }

    public string? Mode { get; set; }

    public string? Value { get; set; }

    public string? Protocol { get; set; }
}

/// <summary>Names a <see cref="TriggerAuthentication"/>.</summary>
internal sealed class TriggerReference
{
    public string? Name { get; set; }
}

/// <summary>KEDA: what a trigger logs in with (<c>keda.sh/v1alpha1</c>).</summary>
internal sealed class TriggerAuthentication
{
    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public V1ObjectMeta Metadata { get; set; } = new();

    public TriggerAuthenticationSpec Spec { get; set; } = new();
}

/// <summary>What a <see cref="TriggerAuthentication"/> says.</summary>
internal sealed class TriggerAuthenticationSpec
{
    public IList<SecretTarget> SecretTargetRef { get; set; } = [];
}

/// <summary>A parameter of a trigger that a secret holds.</summary>
internal sealed class SecretTarget
{
    public string? Parameter { get; set; }

    public string? Name { get; set; }

    public string? Key { get; set; }
}
