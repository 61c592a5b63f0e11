using System.Numerics;
using Factory.Synthesis.Networks;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>The checkpoints that the replicas of one round left, read side by side, one tensor of one replica at a time.</summary>
internal sealed class ReplicaCheckpoints
{
    private readonly SafeTensorsReader[] _readers;

    /// <summary>Opens them.</summary>
    /// <param name="replicas">In order of their numbers, at least one.</param>
    /// <param name="options">The training's options as its checkpoints hold them.</param>
    /// <param name="begun">Steps of the training when the round began.</param>
    /// <exception cref="CheckpointException">One is no replica's checkpoint, of another training or another round, or out of order.</exception>
    internal ReplicaCheckpoints(IReadOnlyList<Stream> replicas, ClassifierTrainingOptions options, int begun)
    {
        ArgumentOutOfRangeException.ThrowIfZero(replicas.Count);
        _readers = [.. replicas.Select(replica => new SafeTensorsReader(replica))];
        var expected = CheckpointMetadata.Serialize(options);
        States = [.. _readers.Select((reader, number) => StateOf(reader, number, expected, begun))];
    }

    /// <summary>Their states, in order.</summary>
    internal IReadOnlyList<ReplicaState> States { get; }

    /// <summary>The mean of a tensor of floats: summed in float64 in the replicas' order, so that whoever computes it gets the same bits.</summary>
    /// <exception cref="CheckpointException">A replica's tensor has another shape.</exception>
    internal double[] Mean(string name, Tensor like) => Fold<float, double>(name, like, (sum, value) => sum + value, sum => sum / _readers.Length);

    /// <summary>The largest of each element of a tensor of whole numbers, such as a count of batches.</summary>
    /// <exception cref="CheckpointException">A replica's tensor has another shape.</exception>
    internal long[] Most(string name, Tensor like) => Fold<long, long>(name, like, Math.Max, most => most);

    private TSum[] Fold<T, TSum>(string name, Tensor like, Func<TSum, T, TSum> add, Func<TSum, TSum> finish)
        where T : unmanaged
        where TSum : unmanaged, INumber<TSum>
    {
        var sums = new TSum[like.numel()];
        for (var replica = 0; replica < _readers.Length; replica++)
        {
            using var tensor = _readers[replica].Read(name);
            if (!tensor.shape.SequenceEqual(like.shape) || tensor.dtype != like.dtype)
                throw new CheckpointException($"Tensor '{name}' of replica {replica} is {tensor.dtype} [{string.Join(", ", tensor.shape)}], expected {like.dtype} [{string.Join(", ", like.shape)}].");
            var values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(tensor.bytes);
            for (var i = 0; i < sums.Length; i++)
                sums[i] = add(sums[i], values[i]);
        }

        for (var i = 0; i < sums.Length; i++)
            sums[i] = finish(sums[i]);
        return sums;
    }

    private static ReplicaState StateOf(SafeTensorsReader reader, int number, string options, int begun)
    {
        CheckpointMetadata.Check(reader.Metadata, CheckpointMetadata.ClassifierReplica);
        var state = CheckpointJson.Parse<ReplicaState>(reader.Metadata[CheckpointMetadata.StateKey], "state");
        if (state.Replica != number || state.Begun != begun || reader.Metadata[CheckpointMetadata.OptionsKey] != options)
            throw new CheckpointException($"Checkpoint {number} is of replica {state.Replica} in the round that began after {state.Begun} steps, expected replica {number} after {begun} steps of the same training.");
        return state;
    }
}
