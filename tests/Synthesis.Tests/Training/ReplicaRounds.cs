using Factory.Synthesis.Training;

namespace Factory.Synthesis.Tests.Training;

/// <summary>A training over replicas as workers do it: every segment and every averaging from bytes to bytes.</summary>
internal sealed class ReplicaRounds(ClassifierTrainingOptions options, ExampleSet train, ExampleSet? validation, int replicas, OuterStep? outer = null)
{
    private byte[][] _own = [];

    /// <summary>What was averaged last; null before the first round.</summary>
    internal byte[]? Average { get; private set; }

    /// <summary>What the replicas of the last round left.</summary>
    internal IReadOnlyList<byte[]> Replicas => _own;

    /// <summary>The finished checkpoint; null before.</summary>
    internal byte[]? Finished { get; private set; }

    /// <summary>One replica's segment of the round to come.</summary>
    internal byte[] Segment(int replica, int steps)
    {
        var part = train.Part(replica, replicas, options.Seed);
        using var made = Average is null
            ? ClassifierReplica.Start(options, part, replica)
            : ClassifierReplica.Resume(new MemoryStream(Average), new MemoryStream(_own[replica]), part);
        made.Run(steps);
        return ClassifierTraining.ToBytes(made.Save);
    }

    /// <summary>Averages segments, and goes on from them.</summary>
    internal void End(byte[][] segments)
    {
        using var averaging = Average is null
            ? ClassifierAveraging.Start(options, outer, train, validation)
            : ClassifierAveraging.Resume(new MemoryStream(Average), train, validation);
        averaging.Average([.. segments.Select(segment => new MemoryStream(segment))]);
        (Average, _own) = (ClassifierTraining.ToBytes(averaging.Save), segments);
        if (averaging.Finished)
            Finished = ClassifierTraining.ToBytes(stream => averaging.Export(stream));
    }

    /// <summary>A whole round of equal shares.</summary>
    internal void Round(int steps) => End([.. Enumerable.Range(0, replicas).Select(replica => Segment(replica, steps))]);
}
