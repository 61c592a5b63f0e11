using System.Text;

namespace Factory.Contracts.Work;

/// <summary>Which queue an invitation goes to: one for each kind of work, kind of device and priority, such as <c>generate-shard.cuda.bulk</c>. Deployments scale by these names.</summary>
public static class WorkQueues
{
    /// <summary>Queue of messages that were delivered in vain too often.</summary>
    public const string DeadLetters = "factory.dead-letters";

    /// <summary>The invitations there are.</summary>
    public static IReadOnlyList<Type> Commands { get; } =
    [
        typeof(TrainClassifierSegment), typeof(ComputeCamBlock), typeof(TrainGeneratorSegment), typeof(TrainLabelGeneratorSegment), typeof(GenerateShard),
        typeof(MeasureCorpus), typeof(RenderContactSheet), typeof(EvaluateModels), typeof(RenderReport), typeof(TrainReplicaSegment), typeof(AverageCheckpoints),
    ];

    /// <summary>Kinds of device, as recipes and runs write them.</summary>
    public static IReadOnlyList<string> Devices { get; } = ["cpu", "cuda"];

    /// <summary>Name of the queue of a kind of message.</summary>
    /// <param name="message">The invitation's type, or another message that workers of a kind of device take.</param>
    /// <param name="device"><c>cpu</c> or <c>cuda</c>.</param>
    /// <param name="priority">The run's priority.</param>
    public static string NameOf(Type message, string device, RunPriority priority)
    {
        ArgumentNullException.ThrowIfNull(message);
        return $"{Kebab(message.Name)}.{device}.{(priority == RunPriority.Interactive ? "interactive" : "bulk")}";
    }

    /// <summary>Every queue that workers of a kind of device take invitations and questions from, with the type of its messages.</summary>
    /// <param name="device"><c>cpu</c> or <c>cuda</c>.</param>
    public static IEnumerable<(string Name, Type Message)> Of(string device) =>
        from message in Commands.Append(typeof(RegenerateSample))
        from priority in Enum.GetValues<RunPriority>()
        select (NameOf(message, device, priority), message);

    /// <summary>Names of the queues of all kinds of device.</summary>
    public static IEnumerable<string> Names => Devices.SelectMany(Of).Select(queue => queue.Name);

    private static string Kebab(string name)
    {
        StringBuilder kebab = new();
        foreach (char letter in name)
        {
            if (char.IsUpper(letter) && kebab.Length > 0) kebab.Append('-');
            kebab.Append(char.ToLowerInvariant(letter));
        }
        return kebab.ToString();
    }
}
