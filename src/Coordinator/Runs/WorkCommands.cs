using System.Text.Json;
using System.Text.Json.Nodes;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Runs;

/// <summary>The invitations there are, and how a work item keeps its own.</summary>
internal static class WorkCommands
{
    private static readonly Dictionary<string, Type> Kinds = new[]
    {
        typeof(TrainClassifierSegment), typeof(ComputeCamBlock), typeof(TrainGeneratorSegment), typeof(GenerateShard),
        typeof(RenderContactSheet), typeof(EvaluateModels), typeof(RenderReport),
    }.ToDictionary(type => type.Name);

    /// <summary>What the item stores: the command, its item id still open.</summary>
    public static string Store(IWorkCommand command) => JsonSerializer.Serialize(command, command.GetType(), ContractJson.Options);

    /// <summary>The invitation of an item.</summary>
    public static IWorkCommand Restore(WorkItem item)
    {
        JsonNode node = JsonNode.Parse(item.Spec)!;
        node["order"]!["itemId"] = item.Id;
        return (IWorkCommand)node.Deserialize(Kinds[item.Kind], ContractJson.Options)!;
    }
}
