namespace Factory.Contracts.Recipes;

/// <summary>
/// Training over several workers, in rounds of local SGD: each of the replicas starts from the same weights and makes its share of the round's steps on its own part of the data, then
/// their weights are averaged (McMahan et al., arXiv 1602.05629; Stich, arXiv 1805.09767). All replicas together make the steps that one learner would.
/// </summary>
public sealed record TrainingRounds
{
    /// <summary>Replicas, 2 to 64.</summary>
    public required int Replicas { get; init; }

    /// <summary>Optimization steps of one round, of all replicas together, 10 to 100,000 and at least one a replica. The last round may have fewer.</summary>
    public required int RoundSteps { get; init; }

    /// <summary>How the weights are averaged. Default <see cref="RoundAveraging.Plain"/>.</summary>
    public RoundAveraging Averaging { get; init; }

    /// <summary>Learning rate of the outer step, above 0, at most 2; only with <see cref="RoundAveraging.Nesterov"/>. Published 0.7.</summary>
    public double? OuterLearningRate { get; init; }

    /// <summary>Momentum of the outer step, 0 to 0.999; only with <see cref="RoundAveraging.Nesterov"/>. Published 0.9.</summary>
    public double? OuterMomentum { get; init; }

    /// <summary>Rounds of a training at most: it may end early.</summary>
    /// <param name="totalSteps">Its optimization steps.</param>
    public int Count(int totalSteps) => (int)(((long)totalSteps + RoundSteps - 1) / RoundSteps);

    /// <summary>Optimization steps of one round, of all replicas together.</summary>
    /// <param name="round">The round, from 0.</param>
    /// <param name="totalSteps">Optimization steps of the training.</param>
    public int StepsOf(int round, int totalSteps) => (int)Math.Min(RoundSteps, totalSteps - ((long)round * RoundSteps));

    /// <summary>What each replica has of a round's steps: all the same, or the first ones one step more; without those that have none.</summary>
    /// <param name="steps">Optimization steps of the round.</param>
    /// <returns>Steps by number of the replica.</returns>
    public IReadOnlyList<int> Shares(int steps) =>
        [.. Enumerable.Range(0, Math.Min(Replicas, steps)).Select(replica => (steps / Replicas) + (replica < steps % Replicas ? 1 : 0))];
}

/// <summary>How the weights of replicas become those of the next round.</summary>
public enum RoundAveraging
{
    /// <summary>Their mean.</summary>
    Plain,

    /// <summary>A step of SGD with Nesterov's momentum along the way from the round's start to their mean (DiLoCo, arXiv 2311.08105).</summary>
    Nesterov,
}
