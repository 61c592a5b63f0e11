using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Storage.Objects;
using Factory.Synthesis.Training;

namespace Factory.GpuWorker.Tests.Training;

/// <summary>Rounds of replicas as a worker does them.</summary>
[Collection(typeof(TinyCorpusCollection))]
public sealed class ReplicaSegmentTests(TinyCorpus corpus)
{
    private static readonly TrainingRounds Rounds = new() { Replicas = 2, RoundSteps = 4, Averaging = RoundAveraging.Nesterov, OuterLearningRate = 0.7, OuterMomentum = 0.9 };

    [Fact]
    public async Task TwoRounds_MakeAClassifier_AndDoneAgainTheSameBytes()
    {
        ObjectRef dataset = await corpus.PutLinesAsync(corpus.Entries(Split.Train).Concat(corpus.Entries(Split.Validation)));
        ClassifierTrainingSpec spec = SegmentTests.Spec with { Epochs = 4 };
        TrainReplicaSegment segment = new() { Order = corpus.Worker.Order(), Dataset = dataset, Training = spec, Initial = corpus.Classifier, Rounds = Rounds, Round = 0, Replica = 0, Steps = 2 };

        SegmentTrained first = await corpus.Worker.DoAsync<SegmentTrained>(segment), second = await corpus.Worker.DoAsync<SegmentTrained>(segment with { Order = corpus.Worker.Order(), Replica = 1 });
        (first.Finished, first.StepsDone).ShouldBe((false, 2));
        first.Artifact.ShouldNotBe(second.Artifact);
        (await corpus.Worker.DoAsync<SegmentTrained>(segment with { Order = corpus.Worker.Order() })).Artifact.ShouldBe(first.Artifact);
        AverageCheckpoints average = new() { Order = corpus.Worker.Order(), Dataset = dataset, Training = spec, Initial = corpus.Classifier, Rounds = Rounds, Round = 0, Replicas = [first.Artifact, second.Artifact] };
        SegmentTrained averaged = await corpus.Worker.DoAsync<SegmentTrained>(average);
        (averaged.Finished, averaged.StepsDone).ShouldBe((false, 4));
        (await corpus.Worker.DoAsync<SegmentTrained>(average with { Order = corpus.Worker.Order() })).Artifact.ShouldBe(averaged.Artifact);

        TrainReplicaSegment later = segment with { Round = 1, Average = averaged.Artifact };
        SegmentTrained third = await corpus.Worker.DoAsync<SegmentTrained>(later with { Order = corpus.Worker.Order(), Resume = first.Artifact });
        SegmentTrained fourth = await corpus.Worker.DoAsync<SegmentTrained>(later with { Order = corpus.Worker.Order(), Replica = 1, Resume = second.Artifact });
        SegmentTrained finished = await corpus.Worker.DoAsync<SegmentTrained>(average with { Order = corpus.Worker.Order(), Round = 1, Resume = averaged.Artifact, Replicas = [third.Artifact, fourth.Artifact] });

        (third.StepsDone, finished.Finished, finished.StepsDone).ShouldBe((4, true, 8));
        TrainingCurve curve = JsonSerializer.Deserialize<TrainingCurve>(await corpus.Worker.Objects.ReadAsync(finished.Curve, CancellationToken.None), ContractJson.Options)!;
        curve.Series["crossEntropy, replica 02"].Select(point => point.Step).ShouldBe([4, 8]);
        curve.Series["validationAccuracy"].Select(point => point.Step).ShouldBe([4, 8]);
        byte[] bytes = await corpus.Worker.Objects.ReadAsync(finished.Artifact, CancellationToken.None);
        (await corpus.OnDeviceAsync(() =>
        {
            using ClassifierCheckpoint checkpoint = ClassifierCheckpoint.Load(bytes);
            return checkpoint.Annotations["background"];
        })).ShouldBe("0");
    }

    [Fact]
    public async Task ReplicaWithoutAPartOfItsOwn_OrWithoutItsCheckpoint_IsRefusedForGood()
    {
        ObjectRef dataset = await corpus.PutLinesAsync(corpus.Entries(Split.Train));
        TrainReplicaSegment segment = new() { Order = corpus.Worker.Order(), Dataset = dataset, Training = SegmentTests.Spec, Rounds = Rounds with { Replicas = 60 }, Round = 0, Replica = 59, Steps = 2 };

        (await FailAsync(segment)).ShouldContain("fewer than the 60 replicas");
        (await FailAsync(segment with { Order = corpus.Worker.Order(), Rounds = Rounds, Replica = 1, Average = corpus.Classifier })).ShouldContain("or from neither");

        async Task<string> FailAsync(TrainReplicaSegment command)
        {
            AttemptFailed failed = (await corpus.Worker.InviteAsync(command)).ShouldBeOfType<AttemptFailed>();
            failed.Permanent.ShouldBeTrue();
            return failed.Error;
        }
    }
}
