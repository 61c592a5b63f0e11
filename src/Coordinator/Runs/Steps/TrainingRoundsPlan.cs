using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>Plans the training of one classifier by several replicas: rounds of one segment a replica, each ended by an averaging.</summary>
internal static class TrainingRoundsPlan
{
    /// <summary>The segments of the first round.</summary>
    /// <param name="order">The order of an item.</param>
    /// <param name="rounds">Replicas and rounds.</param>
    /// <param name="training">How to train.</param>
    /// <param name="dataset">The whole training's dataset.</param>
    /// <param name="initial">The checkpoint to start from; null: fresh weights.</param>
    public static IEnumerable<PlannedItem> Begin(WorkOrder order, TrainingRounds rounds, ClassifierTrainingSpec training, ObjectRef dataset, ObjectRef? initial) =>
        Round(new() { Order = order, Dataset = dataset, Training = training, Initial = initial, Rounds = rounds, Round = 0, Replicas = [] }, null);

    /// <summary>What follows an item once all items planned with it are completed: on a round's segments its averaging, on an averaging the next round.</summary>
    /// <param name="scope">The step.</param>
    /// <param name="last">The item planned last.</param>
    /// <param name="cancellationToken">Cancels the reading of a round's results.</param>
    /// <returns>The items; none when training is over.</returns>
    public static async Task<IReadOnlyList<PlannedItem>> NextAsync(StepScope scope, WorkItem last, CancellationToken cancellationToken) => WorkCommands.Restore(last) switch
    {
        TrainReplicaSegment segment => [await AveragingAsync(scope, segment, last.Ordinal, cancellationToken)],
        AverageCheckpoints round when ResultOf(last.Result!) is { Finished: false } averaged => [.. Round(round with { Order = scope.Order, Round = round.Round + 1 }, averaged.Artifact)],
        AverageCheckpoints => [],
        IWorkCommand other => throw new InvalidOperationException($"{other.GetType().Name} is no part of a training in rounds."),
    };

    // A round is told by its averaging, whose replicas are those of the round before.
    private static IEnumerable<PlannedItem> Round(AverageCheckpoints round, ObjectRef? average) =>
        round.Rounds.Shares(round.Rounds.StepsOf(round.Round, ClassifierTraining.TotalSteps(round.Training))).Select((steps, replica) => new PlannedItem(
            new TrainReplicaSegment
            {
                Order = round.Order,
                Dataset = round.Dataset,
                Training = round.Training,
                Initial = round.Initial,
                Rounds = round.Rounds,
                Round = round.Round,
                Replica = replica,
                Steps = steps,
                Average = average,
                Resume = average is null ? null : round.Replicas[replica],
            },
            steps));

    private static async Task<PlannedItem> AveragingAsync(StepScope scope, TrainReplicaSegment last, long ordinal, CancellationToken cancellationToken)
    {
        List<string?> results = await scope.Database.WorkItems.AsNoTracking()
            .Where(item => item.RunStepId == scope.Step.Id && item.Ordinal >= ordinal - last.Replica && item.Ordinal <= ordinal)
            .OrderBy(item => item.Ordinal).Select(item => item.Result).ToListAsync(cancellationToken);
        return new(
            new AverageCheckpoints
            {
                Order = scope.Order,
                Dataset = last.Dataset,
                Training = last.Training,
                Initial = last.Initial,
                Rounds = last.Rounds,
                Round = last.Round,
                Replicas = results.ConvertAll(result => ResultOf(result!).Artifact),
                Resume = last.Average,
            },
            0);
    }

    private static SegmentTrained ResultOf(string result) => JsonSerializer.Deserialize<SegmentTrained>(result, ContractJson.Options)!;
}
