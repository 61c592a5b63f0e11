using System.Text.Json;
using System.Text.Json.Nodes;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Runs;

/// <summary>The invitations there are, and how a work item keeps its own.</summary>
internal static class WorkCommands
{
    private static readonly Dictionary<string, Type> Kinds = WorkQueues.Commands.ToDictionary(type => type.Name);

    /// <summary>What the item stores: the command, its item id still open.</summary>
    public static string Store(IWorkCommand command) => JsonSerializer.Serialize(command, command.GetType(), ContractJson.Options);

    /// <summary>The invitation of an item.</summary>
    public static IWorkCommand Restore(WorkItem item) => (IWorkCommand)Complete(item).Deserialize(Kinds[item.Kind], ContractJson.Options)!;

    /// <summary>The invitation of an item as JSON.</summary>
    public static string Write(WorkItem item) => Complete(item).ToJsonString(ContractJson.Options);

    private static JsonNode Complete(WorkItem item)
    {
        JsonNode node = JsonNode.Parse(item.Spec)!;
        node["order"]!["itemId"] = item.Id;
        node["order"]!["contract"] = WorkContract.Version;
        return node;
    }

    /// <summary>Where messages of a kind go. The exchange in front of the queue: who sends need not know how the queue is kept.</summary>
    public static Uri AddressOf(Type message, string device, RunPriority priority) => new($"exchange:{WorkQueues.NameOf(message, device, priority)}");
}
