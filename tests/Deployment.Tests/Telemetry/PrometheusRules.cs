using YamlDotNet.Serialization;

namespace Factory.Deployment.Tests.Telemetry;

/// <summary>A file of rules for Prometheus, parsed strictly: a field that is not one of those used here is an error.</summary>
internal sealed class PrometheusRules
{
    [YamlMember(Alias = "groups")]
    public List<RuleGroup> Groups { get; set; } = [];

    public static PrometheusRules Read() => new DeserializerBuilder().WithDuplicateKeyChecking().Build().Deserialize<PrometheusRules>(Deploy.Read("prometheus/factory.rules.yaml"));
}

/// <summary>A group of rules.</summary>
internal sealed class RuleGroup
{
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = "";

    [YamlMember(Alias = "rules")]
    public List<AlertRule> Rules { get; set; } = [];
}

/// <summary>A rule that alerts.</summary>
internal sealed class AlertRule
{
    [YamlMember(Alias = "alert")]
    public string Alert { get; set; } = "";

    [YamlMember(Alias = "expr")]
    public string Expression { get; set; } = "";

    [YamlMember(Alias = "for")]
    public string? For { get; set; }

    [YamlMember(Alias = "labels")]
    public Dictionary<string, string> Labels { get; set; } = [];

    [YamlMember(Alias = "annotations")]
    public Dictionary<string, string> Annotations { get; set; } = [];
}
