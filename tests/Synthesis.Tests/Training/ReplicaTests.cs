using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Tests.Training;

public sealed class ReplicaTests
{
    private static readonly ImageSet Train = DrawnSets.Images(14, 3, 40, 1), Validation = DrawnSets.Images(9, 3, 40, 100);

    private static readonly ClassifierTrainingOptions Options = new()
    {
        Architecture = new ClassifierArchitecture { Categories = 3, Width = 4, Size = 32, OutputStride = 8 },
        CategoryNames = ["Red", "Green", "Blue"],
        Epochs = 3,
        DrawsPerEpoch = 16,
        BatchSize = 4,
        LearningRate = 0.02,
    };

    [Fact]
    public void Mean_IsTheWeightsBatchNormsAndLargestCounts_OfTheReplicas()
    {
        // A round within an epoch: nothing is recomputed after it.
        var rounds = new ReplicaRounds(Options, Train, Validation, 2);
        rounds.End([rounds.Segment(0, 2), rounds.Segment(1, 1)]);
        using var first = SafeTensors.Read(rounds.Replicas[0]);
        using var second = SafeTensors.Read(rounds.Replicas[1]);
        using var average = SafeTensors.Read(rounds.Average!);

        average.Under("weights/").Keys.ShouldBe(first.Under("weights/").Keys, ignoreOrder: true);
        foreach (var (key, mean) in average.Under("weights/"))
        {
            if (mean.dtype == ScalarType.Int64)
            {
                mean.item<long>().ShouldBe(2, key);
                continue;
            }

            float[] a = first.Tensors["weights/" + key].data<float>().ToArray(), b = second.Tensors["weights/" + key].data<float>().ToArray();
            mean.data<float>().ToArray().ShouldBe(a.Zip(b, (x, y) => (float)(((double)x + y) / 2)), key);
            if (key.EndsWith("running_mean", StringComparison.Ordinal))
                a.SequenceEqual(b).ShouldBeFalse(key);
        }
    }

    [Fact]
    public void NesterovOverTwoRounds_IsTheFormulaInFloat64()
    {
        const double Rate = 0.7, Momentum = 0.9;
        const string Key = "layer1.0.conv1.weight", Norm = "bn1.running_var";
        using var untrained = ClassifierTraining.Start(Options, Train, null);
        using var start = ClassifierCheckpoint.Load(untrained.Export());
        double[] weights = [.. start.Network.state_dict()[Key].data<float>().ToArray().Select(value => (double)value)], moved = new double[weights.Length];
        var rounds = new ReplicaRounds(Options with { Epochs = 10, StatisticsBatches = 0 }, Train, null, 2, new OuterStep(Rate, Momentum));

        for (var round = 0; round < 2; round++)
        {
            rounds.Round(2);
            double[][] replicas = [.. rounds.Replicas.Select(replica => Values(replica, "weights/" + Key))];
            for (var i = 0; i < weights.Length; i++)
            {
                var gradient = weights[i] - ((replicas[0][i] + replicas[1][i]) / 2);
                moved[i] = (Momentum * moved[i]) + gradient;
                weights[i] -= Rate * (gradient + (Momentum * moved[i]));
            }

            var stored = Values(rounds.Average!, "weights/" + Key);
            stored.Zip(weights, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-7);
            Values(rounds.Average!, "outer/" + Key).Zip(moved, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-7);
            moved.Max(Math.Abs).ShouldBeGreaterThan(1e-5);
            Values(rounds.Average!, "weights/" + Norm).ShouldBe(
                Values(rounds.Replicas[0], "weights/" + Norm).Zip(Values(rounds.Replicas[1], "weights/" + Norm), (a, b) => (double)(float)((a + b) / 2)), "statistics are averaged, whatever the outer step");
        }
    }

    [Fact]
    public void OuterStepOfRateOneWithoutMomentum_IsPlainAveraging()
    {
        var plain = new ReplicaRounds(Options, Train, Validation, 2);
        var outer = new ReplicaRounds(Options, Train, Validation, 2, new OuterStep(1, 0));
        plain.Round(3);
        outer.Round(3);
        foreach (var key in new[] { "weights/conv1.weight", "weights/fc.bias" })
            Values(outer.Average!, key).Zip(Values(plain.Average!, key), (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-7);
    }

    [Fact]
    public void WhateverTheOrderOfCompletion_AndWhateverWasLostAndDoneAgain_TheBytesAreTheSame()
    {
        ReplicaRounds straight = new(Options, Train, Validation, 3, new OuterStep()), crooked = new(Options, Train, Validation, 3, new OuterStep());
        for (var round = 0; round < 2; round++)
        {
            straight.Round(2);
            byte[] last = crooked.Segment(2, 2), first = crooked.Segment(0, 2), lost = crooked.Segment(1, 2);
            crooked.End([first, crooked.Segment(1, 2), last]);
            crooked.Replicas[1].ShouldBe(lost);
        }

        straight.Finished.ShouldNotBeNull().ShouldBe(crooked.Finished);
        straight.Average.ShouldBe(crooked.Average);
    }

    [Fact]
    public void EpochsThatARoundEnded_AreJudgedOnce_OnTheAveragedWeights()
    {
        // Four steps an epoch; rounds of six end epochs 0, then 1 and 2.
        var rounds = new ReplicaRounds(Options, Train, Validation, 2);
        rounds.Round(3);
        using (var averaging = ClassifierAveraging.Resume(new MemoryStream(rounds.Average!), Train, Validation))
        {
            averaging.Step.ShouldBe(6);
            averaging.Finished.ShouldBeFalse();
            averaging.History.Select(record => record.Epoch).ShouldBe([0]);
        }

        rounds.Round(3);
        rounds.Finished.ShouldNotBeNull();
        using var all = ClassifierAveraging.Resume(new MemoryStream(rounds.Average!), Train, Validation);
        (all.Step, all.TotalSteps, all.Finished).ShouldBe((12, 12, true));
        all.History.Select(record => record.Epoch).ShouldBe([0, 2]);
        all.Rounds.Select(round => (round.Step, round.Losses.Count)).ShouldBe([(6, 2), (12, 2)]);
        all.History[1].Losses["crossEntropy"].ShouldBe(all.Rounds[1].Losses.Average(), 1e-9);
        using var best = ClassifierCheckpoint.Load(rounds.Finished);
        best.Validation.ShouldBe(all.BestValidation);
        all.BestValidation!.Images.ShouldBe(9);
    }

    [Fact]
    public void LearningRate_HalvesAtEveryFifthJudgmentWithoutImprovement_HoweverManyEpochsARoundEnds()
    {
        // One step an epoch; each round ends two. The rate is too small to learn anything.
        var rounds = new ReplicaRounds(Options with { Epochs = 40, DrawsPerEpoch = 4, LearningRate = 1e-6, StatisticsBatches = 1 }, Train, Validation, 2);
        for (var round = 0; round < 20; round++)
            rounds.Round(1);
        using var averaging = ClassifierAveraging.Resume(new MemoryStream(rounds.Average!), Train, Validation);
        averaging.History.Select(record => record.Epoch).ShouldBe(Enumerable.Range(0, 20).Select(round => (2 * round) + 1));
        double rate = 1e-6, best = double.NegativeInfinity;
        var since = 0;
        for (var judged = 0; judged < 20; judged++)
        {
            var record = averaging.History[judged];
            record.LearningRate.ShouldBe(rate, $"judgment {judged}");
            var score = record.Validation!.MacroSenSpeF1 ?? record.Validation.Accuracy;
            (best, since) = score > best ? (score, 0) : (best, since + 1);
            if (since > 0 && judged > 5 && since % 5 == 0)
                rate /= 2;
        }

        averaging.History[^1].LearningRate.ShouldBeLessThan(1e-6);
    }

    [Fact]
    public void MomentumAndRandomStream_AreTheReplicasOwn_OverRounds()
    {
        var rounds = new ReplicaRounds(Options with { Epochs = 10 }, Train, Validation, 2);
        rounds.Round(2);
        var momentum = Values(rounds.Replicas[1], "momentum/conv1.weight");
        momentum.SequenceEqual(Values(rounds.Replicas[0], "momentum/conv1.weight")).ShouldBeFalse();
        using var resumed = ClassifierReplica.Resume(new MemoryStream(rounds.Average!), new MemoryStream(rounds.Replicas[1]), Train.Part(1, 2, Options.Seed));
        var untouched = ClassifierTraining.ToBytes(resumed.Save);
        Values(untouched, "momentum/conv1.weight").ShouldBe(momentum);
        Values(untouched, "weights/conv1.weight").ShouldBe(Values(rounds.Average!, "weights/conv1.weight"));
        rounds.Segment(0, 2).ShouldNotBe(rounds.Replicas[0]);
    }

    [Fact]
    public void TwoStreams_TrainInRoundsToo()
    {
        var pairs = PairSet.Loose(Train, DrawnSets.Images(9, 3, 40, 50));
        var options = Options with { Architecture = Options.Architecture with { TwoStream = true }, Epochs = 1 };
        var rounds = new ReplicaRounds(options, pairs, PairSet.Strict(Train, Validation, i => i, i => i), 2);
        rounds.Round(2);
        using var made = ClassifierCheckpoint.Load(rounds.Finished.ShouldNotBeNull());
        made.Network.ShouldBeOfType<TwoStreamNetwork>();
    }

    [Fact]
    public void CheckpointsOfAnotherRoundReplicaOrTraining_AreRefused()
    {
        var rounds = new ReplicaRounds(Options, Train, Validation, 2);
        byte[] first = rounds.Segment(0, 1), second = rounds.Segment(1, 1);
        Should.Throw<CheckpointException>(() => rounds.End([second, first])).Message.ShouldContain("expected replica 0");
        Should.Throw<CheckpointException>(() => new ReplicaRounds(Options with { Seed = 2 }, Train, Validation, 2).End([first, second])).Message.ShouldContain("the same training");
        rounds.End([first, second]);
        Should.Throw<CheckpointException>(() => rounds.End([first, second])).Message.ShouldContain("expected replica 0 after 2 steps");
        using var chain = ClassifierTraining.Start(Options, Train, Validation);
        Should.Throw<CheckpointException>(() => rounds.End([chain.Save(), second])).Message.ShouldContain("classifier-training");
        Should.Throw<CheckpointException>(() => ClassifierReplica.Resume(new MemoryStream(rounds.Average!), new MemoryStream(first), Train)).Message.ShouldContain("now there are 14");
    }

    [Fact]
    public void Rounds_LeaveNoTensorBehind()
    {
        void Once()
        {
            var rounds = new ReplicaRounds(Options, Train, Validation, 2, new OuterStep());
            rounds.Round(2);
            rounds.Round(2);
        }

        Once();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Once();
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(before);
    }

    private static double[] Values(byte[] checkpoint, string name)
    {
        using var tensor = new SafeTensorsReader(new MemoryStream(checkpoint)).Read(name);
        return [.. tensor.data<float>().ToArray().Select(value => (double)value)];
    }
}
