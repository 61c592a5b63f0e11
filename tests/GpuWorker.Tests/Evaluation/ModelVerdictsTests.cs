using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Evaluation;
using Factory.Synthesis.Evaluation;

namespace Factory.GpuWorker.Tests.Evaluation;

public sealed class ModelVerdictsTests
{
    private static readonly int[] Labels = [0, 0, 0, 0, 1, 1, 1, 1];

    [Fact]
    public void MeanDeviationAndDifference_AreThoseDoneByHand()
    {
        // Right of eight: 4 and 4, 3 and 3, 4 and 2. Balanced categories: accuracy is (Sen0 + Sen1) / 2, and Spe of one is Sen of the other.
        ModelVerdicts verdicts = new([new("plain", [Trial(1, 3, 3)]), new("better", [Trial(1, 4, 4), Trial(2, 3, 3), Trial(3, 4, 2)])], null, 1);

        List<ModelScores> scores = verdicts.Scores();

        (scores[0].Accuracy, scores[0].Trials, scores[0].Deviation).ShouldBe((0.75, null, null));
        ModelScores better = scores[1];
        better.Trials!.Select(trial => (trial.Trial, trial.Accuracy)).ShouldBe([(1, 1.0), (2, 0.75), (3, 0.75)]);
        better.Accuracy.ShouldBe(5 / 6.0, 1e-12);
        better.Deviation!.Accuracy.ShouldBe(Math.Sqrt(((1 / 36.0) + (1 / 144.0) + (1 / 144.0)) / 2), 1e-12);
        // 2 Sen Spe / (Sen + Spe) of both categories: 1; 0.75; and of 1 and 0.5, 2/3.
        better.SenSpeF1!.Value.ShouldBe((1 + 0.75 + (2 / 3.0)) / 3, 1e-12);
        // Kappa: 1, 0.5, 0.5.
        better.Kappa!.Value.ShouldBe(2 / 3.0, 1e-12);
        better.Deviation.Kappa!.Value.ShouldBe(Math.Sqrt(((1 / 9.0) + (1 / 36.0) + (1 / 36.0)) / 2), 1e-12);
        better.Confusion.ShouldBe([[11, 1], [3, 9]]);
        ModelComparison comparison = verdicts.Comparisons(null)!.ShouldHaveSingleItem();
        (comparison.Model, comparison.Baseline).ShouldBe(("better", "plain"));
        comparison.Accuracy!.Difference.ShouldBe((5 / 6.0) - 0.75, 1e-12);
        comparison.Accuracy.Low.ShouldBeLessThanOrEqualTo(comparison.Accuracy.Difference);
        comparison.Accuracy.High.ShouldBeGreaterThanOrEqualTo(comparison.Accuracy.Difference);
    }

    [Fact]
    public void OneModel_IsComparedWithNone() => new ModelVerdicts([new("plain", [Trial(1, 3, 3)])], null, 1).Comparisons(null).ShouldBeNull();

    private static (NamedCheckpoint Asked, JudgedTrial Judged) Trial(int number, int rightOfFirst, int rightOfSecond)
    {
        bool[] right = [.. Enumerable.Range(0, 4).Select(i => i < rightOfFirst), .. Enumerable.Range(0, 4).Select(i => i < rightOfSecond)];
        float[][] said = [.. Labels.Zip(right, (label, hit) => hit == (label == 0) ? new[] { 0.9f, 0.1f } : [0.1f, 0.9f])];
        ObjectRef checkpoint = new() { Digest = Sha256Digest.Of([(byte)number]), Bytes = 1, MediaType = MediaTypes.SafeTensors };
        return (new() { Name = "model", Trial = number == 1 ? null : number, Checkpoint = checkpoint }, new(Labels, said));
    }
}
