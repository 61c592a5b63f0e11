namespace Factory.Synthesis.Training;

/// <summary>What the checkpoint of a replica holds beside tensors and options.</summary>
internal sealed class ReplicaState
{
    /// <summary>Number of the replica, from 0.</summary>
    public int Replica { get; set; }

    /// <summary>Steps that the training of all replicas had made when the round began.</summary>
    public int Begun { get; set; }

    /// <summary>Steps of this replica, over all rounds.</summary>
    public int Step { get; set; }

    /// <summary>Examples of its part.</summary>
    public long Images { get; set; }

    public ulong RngState { get; set; }

    /// <summary>Losses of the steps of the latest round.</summary>
    public LossAverages Round { get; set; } = new();
}

/// <summary>One round of a training over replicas.</summary>
/// <param name="Step">Optimization steps of all replicas together, when it ended.</param>
/// <param name="Losses">Mean cross entropy of each replica's steps in it, by number of the replica.</param>
public sealed record RoundRecord(int Step, IReadOnlyList<double> Losses);
