using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.OpenLineage;

/// <summary>Events of runs in the form of OpenLineage 2-0-2 (https://openlineage.io/spec/2-0-2/OpenLineage.json). They name collections, steps and digests; never an image or a subject.</summary>
internal static class RunEvents
{
    /// <summary>Event: the run was begun.</summary>
    public const string Start = "START";

    private const string Schema = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
    private const string VersionSchema = "https://openlineage.io/spec/facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet";
    private const string ErrorSchema = "https://openlineage.io/spec/facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet";
    private static readonly string Producer = $"urn:factory:{FactoryBuild.Current}";

    /// <summary>The event that a run is due: its start first, then its end; null when all is told.</summary>
    public static string? Due(Run run) => run.LineageTold is null ? Start : run.LineageTold == Start ? End(run.State) : null;

    /// <summary>An event.</summary>
    /// <param name="run">The run, with its steps and collection.</param>
    /// <param name="type">Its type.</param>
    /// <param name="space">Namespace of this factory.</param>
    public static JsonObject Of(Run run, string type, string space) => new()
    {
        ["eventTime"] = type == Start ? run.CreatedAt : run.FinishedAt,
        ["producer"] = Producer,
        ["schemaURL"] = Schema,
        ["eventType"] = type,
        ["run"] = new JsonObject { ["runId"] = IdOf(run, space), ["facets"] = type == "FAIL" ? new JsonObject { ["errorMessage"] = Error(run) } : [] },
        ["job"] = new JsonObject { ["namespace"] = space, ["name"] = run.Name },
        ["inputs"] = new JsonArray(DataSet(space, "collection/" + NameOf(run.CollectionVersion.Collection), $"{run.CollectionVersion.Version}")),
        ["outputs"] = type == "COMPLETE" ? new JsonArray([.. run.Steps.OrderBy(step => step.Ordinal).SelectMany(step => Outputs(run, step, space))]) : [],
    };

    // Names are unique in a project.
    private static string NameOf(Collection collection) => collection.ProjectId == Project.DefaultId ? collection.Name : $"{collection.Project.Name}/{collection.Name}";

    private static string? End(RunState state) => state switch
    {
        RunState.Completed => "COMPLETE",
        RunState.Faulted => "FAIL",
        RunState.Canceled => "ABORT",
        _ => null,
    };

    private static IEnumerable<JsonNode> Outputs(Run run, RunStep step, string space) =>
        new[] { ("corpus", step.Output?.Manifest), ("checkpoint", step.Output?.Checkpoint) }
            .Where(output => output.Item2 is not null).Select(output => DataSet(space, $"{output.Item1}/{run.Name}/{run.Id}/{step.Name}", output.Item2!.Digest.ToString()));

    private static JsonObject DataSet(string space, string name, string version) => new()
    {
        ["namespace"] = space,
        ["name"] = name,
        ["facets"] = new JsonObject { ["version"] = new JsonObject { ["_producer"] = Producer, ["_schemaURL"] = VersionSchema, ["datasetVersion"] = version } },
    };

    private static JsonObject Error(Run run) => new() { ["_producer"] = Producer, ["_schemaURL"] = ErrorSchema, ["message"] = run.Error, ["programmingLanguage"] = "C#" };

    // The same for every event of a run, whoever sends it: a UUID of version 8 over what makes the run itself.
    private static string IdOf(Run run, string space)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{space}\n{run.Id}\n{run.RecipeDigest}\n{run.CreatedAt:O}")))[..16];
        (hash[6], hash[8]) = ((byte)((hash[6] & 0x0f) | 0x80), (byte)((hash[8] & 0x3f) | 0x80));
        return new Guid(hash, bigEndian: true).ToString();
    }
}
