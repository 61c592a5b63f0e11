using CsCheck;
using Factory.Synthesis.Evaluation;

namespace Factory.Synthesis.Tests.Evaluation;

public sealed class PairedBootstrapTests
{
    private static readonly Gen<(int Label, float[] Probabilities, int Weight)> Example = Gen.Select(
        Gen.Int[0, 2], Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4], Gen.Int[1, 4], (a, b, c) => new[] { a / 12f, b / 12f, c / 12f }), Gen.Int[0, 3]);

    [Fact]
    public void WeightedScores_AreThoseOfExamplesRepeated() => Example.Array[2, 30].Where(examples => examples.Any(one => one.Weight > 0)).Sample(examples =>
    {
        var trial = new JudgedTrial([.. examples.Select(one => one.Label)], [.. examples.Select(one => one.Probabilities)]);
        var repeated = examples.SelectMany(one => Enumerable.Repeat(one, one.Weight)).ToArray();
        var expected = ClassificationMetrics.From([.. repeated.Select(one => one.Label)], [.. repeated.Select(one => one.Probabilities)]);

        var scores = trial.Scores([.. examples.Select(one => one.Weight)]);

        double?[] wanted = [expected.Accuracy, expected.MacroSenSpeF1, expected.MacroPrecisionRecallF1, expected.MacroAuc, expected.Kappa];
        scores.Length.ShouldBe(Enum.GetValues<Score>().Length);
        foreach (var (score, value) in scores.Zip(wanted))
        {
            score.HasValue.ShouldBe(value.HasValue);
            if (score is { } given)
                given.ShouldBe(value!.Value, 1e-12);
        }
    });

    [Fact]
    public void Interval_IsSeeded_BracketsTheDifference_AndIsZeroForEqualModels()
    {
        var rng = new Rng(1);
        int[] labels = [.. Enumerable.Range(0, 60).Select(i => i % 2)];
        var weak = new JudgedTrial(labels, [.. labels.Select(_ => { var p = (float)rng.NextDouble(); return new[] { p, 1 - p }; })]);
        var strong = new JudgedTrial(labels, [.. labels.Select(l => l == 0 ? new[] { .9f, .1f } : [.1f, .9f])]);
        PairedBootstrap Make(ulong seed) => new([[weak], [strong], [weak]], subjects: null, seed, resamples: 200);

        var one = Make(3).Compare(0, 1, Score.SenSpeF1)!;

        one.ShouldBe(Make(3).Compare(0, 1, Score.SenSpeF1));
        one.ShouldNotBe(Make(4).Compare(0, 1, Score.SenSpeF1));
        one.Low.ShouldBeGreaterThan(0);
        one.Low.ShouldBeLessThan(one.Value);
        one.High.ShouldBeGreaterThan(one.Value);
        var same = Make(3).Compare(0, 2, Score.Accuracy)!;
        (same.Value, same.Low, same.High).ShouldBe((0, 0, 0));
    }

    [Fact]
    public void Interval_HoldsTheTrueDifference_AboutAsOftenAsItSays()
    {
        const int draws = 120, examples = 80;
        var held = 0;
        for (var draw = 0; draw < draws; draw++)
        {
            var rng = new Rng(Rng.Mix((ulong)draw));
            int[] labels = [.. Enumerable.Range(0, examples).Select(i => i % 2)];
            var bootstrap = new PairedBootstrap([[Guess(labels, 0.6, rng)], [Guess(labels, 0.8, rng)]], null, (ulong)draw, resamples: 200);
            var interval = bootstrap.Compare(0, 1, Score.Accuracy)!;
            if (interval.Low <= 0.2 && 0.2 <= interval.High)
                held++;
        }

        // Binomial of 120 at 0.95: beyond these ends in fewer than one of a thousand.
        held.ShouldBeInRange(105, 120);
    }

    [Fact]
    public void Subjects_AreResampledWhole_SoThatRepeatedImagesNarrowNothing()
    {
        var rng = new Rng(5);
        int[] labels = [.. Enumerable.Range(0, 40).Select(i => i % 2)];
        var (weak, strong) = (Said(labels, 0.6, rng), Said(labels, 0.8, rng));
        int[] subjects = [.. Enumerable.Range(0, 160).Select(i => i % 40)];
        var once = new PairedBootstrap([[new(labels, weak)], [new(labels, strong)]], null, 9);
        var fourfold = new PairedBootstrap([[Repeated(labels, weak, 4)], [Repeated(labels, strong, 4)]], subjects, 9);
        var naive = new PairedBootstrap([[Repeated(labels, weak, 4)], [Repeated(labels, strong, 4)]], null, 9);

        var (alone, whole, narrow) = (once.Compare(0, 1, Score.Accuracy)!, fourfold.Compare(0, 1, Score.Accuracy)!, naive.Compare(0, 1, Score.Accuracy)!);

        (once.Subjects, fourfold.Subjects, naive.Subjects).ShouldBe((40, 40, 160));
        (whole.Low, whole.High).ShouldBe((alone.Low, alone.High), "four images of each subject say no more than one");
        (narrow.High - narrow.Low).ShouldBeLessThan(0.7 * (whole.High - whole.Low));
    }

    [Fact]
    public void Trials_AreAveragedInEachResample()
    {
        int[] labels = [.. Enumerable.Range(0, 40).Select(i => i % 2)];
        var right = new JudgedTrial(labels, [.. labels.Select(l => l == 0 ? new[] { .9f, .1f } : [.1f, .9f])]);
        var wrong = new JudgedTrial(labels, [.. labels.Select(l => l == 1 ? new[] { .9f, .1f } : [.1f, .9f])]);
        var bootstrap = new PairedBootstrap([[right, wrong], [right]], null, 1);

        var mean = bootstrap.Interval(0, Score.Accuracy)!;
        (mean.Value, mean.Low, mean.High).ShouldBe((0.5, 0.5, 0.5), "where one is right the other is wrong, whatever is drawn");
        var difference = bootstrap.Compare(0, 1, Score.Accuracy)!;
        (difference.Value, difference.Low, difference.High).ShouldBe((0.5, 0.5, 0.5));
    }

    [Fact]
    public void UndefinedScore_HasNoInterval()
    {
        int[] labels = [0, 0, 0, 0];
        var trial = new JudgedTrial(labels, [.. labels.Select(_ => new[] { .9f, .1f })]);

        new PairedBootstrap([[trial]], null, 1, resamples: 100).Interval(0, Score.Auc).ShouldBeNull("there is nothing to tell apart");
    }

    [Fact]
    public void UnequalExamples_AreRefused()
    {
        var (four, two) = (new JudgedTrial([0, 1, 0, 1], [.. Enumerable.Repeat(new[] { .5f, .5f }, 4)]), new JudgedTrial([0, 1], [[.5f, .5f], [.5f, .5f]]));
        Should.Throw<ArgumentException>(() => new PairedBootstrap([[four], [two]], null, 1));
        Should.Throw<ArgumentException>(() => new PairedBootstrap([[four]], [1, 2], 1));
        Should.Throw<ArgumentException>(() => new PairedBootstrap([[]], null, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => new PairedBootstrap([[four]], null, 1, resamples: 99));
        Should.Throw<ArgumentException>(() => four.Scores([1]));
    }

    private static JudgedTrial Guess(int[] labels, double right, Rng rng) => new(labels, Said(labels, right, rng));

    private static float[][] Said(int[] labels, double right, Rng rng) =>
        [.. labels.Select(label => rng.NextDouble() < right == (label == 0) ? new[] { .9f, .1f } : [.1f, .9f])];

    private static JudgedTrial Repeated(int[] labels, float[][] said, int times) =>
        new([.. Enumerable.Repeat(labels, times).SelectMany(all => all)], [.. Enumerable.Repeat(said, times).SelectMany(all => all)]);
}
