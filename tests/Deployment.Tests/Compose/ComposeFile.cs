using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Factory.Deployment.Tests.Compose;

/// <summary>A compose file, parsed strictly: a field that is not one of those used here is an error.</summary>
internal sealed partial class ComposeFile
{
    [YamlMember(Alias = "x-own", ApplyNamingConventions = false)]
    public ComposeService? Own { get; set; }

    [YamlMember(Alias = "x-work", ApplyNamingConventions = false)]
    public Dictionary<string, string>? Work { get; set; }

    [YamlMember(Alias = "x-telemetry", ApplyNamingConventions = false)]
    public Dictionary<string, string>? Telemetry { get; set; }

    [YamlMember(Alias = "x-database", ApplyNamingConventions = false)]
    public Dictionary<string, string>? Database { get; set; }

    public Dictionary<string, ComposeService> Services { get; set; } = [];

    public Dictionary<string, object> Networks { get; set; } = [];

    public Dictionary<string, object> Volumes { get; set; } = [];

    /// <summary>Reads a file of deploy/compose.</summary>
    public static ComposeFile Read(string name) => new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).WithDuplicateKeyChecking().Build()
        .Deserialize<ComposeFile>(new MergingParser(new YamlDotNet.Core.Parser(new StringReader(Deploy.Read($"compose/{name}")))));

    /// <summary>The variables that a file of deploy/compose asks for, with the default of each; those without one must be set.</summary>
    public static ILookup<string, string?> Variables(string name) => Variable().Matches(Deploy.Read($"compose/{name}"))
        .ToLookup(match => match.Groups["name"].Value, match => match.Groups["operator"].Value == ":-" ? match.Groups["rest"].Value : null);

    /// <summary>The variables of the example of an environment file.</summary>
    public static IReadOnlyDictionary<string, string> Example() => Deploy.Read("compose/.env.example").Split('\n')
        .Where(line => line.Contains('=', StringComparison.Ordinal) && !line.StartsWith('#')).Select(line => line.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1]);

    /// <summary>A value with its variables replaced as compose does, by the example; a secret is a stand-in.</summary>
    public static string Resolve(string value) => Variable().Replace(value, match => Example().TryGetValue(match.Groups["name"].Value, out string? set)
        ? set.Length > 0 ? set : "a-secret-of-24-characters"
        : match.Groups["operator"].Value == ":-" ? match.Groups["rest"].Value : throw new InvalidOperationException($"{match.Value} is not in .env.example"));

    [GeneratedRegex(@"\$\{(?<name>\w+)(?:(?<operator>:-|:\?)(?<rest>[^}]*))?\}")]
    private static partial Regex Variable();
}

/// <summary>A service of a <see cref="ComposeFile"/>.</summary>
internal sealed class ComposeService
{
    public string? Image { get; set; }

    public string? Restart { get; set; }

    public bool ReadOnly { get; set; }

    public IList<string> CapDrop { get; set; } = [];

    public IList<string> SecurityOpt { get; set; } = [];

    public string? StopGracePeriod { get; set; }

    public IList<string> Entrypoint { get; set; } = [];

    public IList<string> Command { get; set; } = [];

    public Dictionary<string, string> Environment { get; set; } = [];

    public IList<string> Ports { get; set; } = [];

    public IList<string> Tmpfs { get; set; } = [];

    public IList<string> Volumes { get; set; } = [];

    public IList<string> Networks { get; set; } = [];

    public IList<string> Profiles { get; set; } = [];

    public string? ShmSize { get; set; }

    public ComposeHealth? Healthcheck { get; set; }

    public Dictionary<string, ComposeDependency> DependsOn { get; set; } = [];

    public ComposeDeploy? Deploy { get; set; }
}

/// <summary>How a service is asked whether it is well.</summary>
internal sealed class ComposeHealth
{
    public IList<string> Test { get; set; } = [];

    public string? Interval { get; set; }

    public string? Timeout { get; set; }

    public string? StartPeriod { get; set; }

    public int? Retries { get; set; }
}

/// <summary>What a service waits for.</summary>
internal sealed class ComposeDependency
{
    public string? Condition { get; set; }
}

/// <summary>How many there are of a service, and what each has.</summary>
internal sealed class ComposeDeploy
{
    public int? Replicas { get; set; }

    public ComposeResources? Resources { get; set; }
}

/// <summary>What is kept for a service.</summary>
internal sealed class ComposeResources
{
    public ComposeReservations? Reservations { get; set; }
}

/// <summary>Devices kept for a service.</summary>
internal sealed class ComposeReservations
{
    public IList<ComposeDevice> Devices { get; set; } = [];
}

/// <summary>A device.</summary>
internal sealed class ComposeDevice
{
    public string? Driver { get; set; }

    public int? Count { get; set; }

    public IList<string> Capabilities { get; set; } = [];
}
