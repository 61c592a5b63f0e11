using CsCheck;
using Factory.Synthesis.Evaluation;

namespace Factory.Synthesis.Tests.Evaluation;

public sealed class MetricsTests
{
    [Fact]
    public void TwoStreamConfusion_GivesThePublishedNumbers()
    {
        var metrics = ClassificationMetrics.From(new ConfusionMatrix(new long[,] { { 20, 0, 0, 0 }, { 0, 32, 0, 6 }, { 0, 0, 39, 8 }, { 0, 0, 5, 33 } }));
        metrics.Accuracy.ShouldBe(0.867133, 1e-6);
        metrics.Categories.Select(c => Math.Round(c.SenSpeF1!.Value, 3)).ShouldBe([1.000, .914, .885, .868]);
        metrics.MacroSenSpeF1!.Value.ShouldBe(.917, 5e-4);
        metrics.MacroAuc.ShouldBeNull();
    }

    [Fact]
    public void CfpConfusion_GivesThePublishedNumbers()
    {
        var metrics = ClassificationMetrics.From(new ConfusionMatrix(new long[,] { { 20, 0, 0, 0 }, { 1, 16, 1, 2 }, { 0, 1, 15, 4 }, { 1, 3, 8, 8 } }));
        metrics.Accuracy.ShouldBe(.7375, 1e-9);
        metrics.MacroSenSpeF1!.Value.ShouldBe(.799, 5e-4);
        metrics.Kappa!.Value.ShouldBe(0.65, 1e-9);
    }

    [Fact]
    public void AbsentCategory_IsUndefinedAndLeftOut()
    {
        var metrics = ClassificationMetrics.From([0, 0, 1], [[.9f, .1f, 0], [.2f, .1f, .7f], [.1f, .9f, 0]]);
        metrics.Categories[2].Sensitivity.ShouldBeNull();
        metrics.Categories[2].SenSpeF1.ShouldBeNull();
        metrics.Categories[2].PrecisionRecallF1.ShouldBeNull();
        metrics.Categories[2].Auc.ShouldBeNull();
        metrics.Categories[2].Specificity!.Value.ShouldBe(2 / 3.0, 1e-12);
        metrics.MacroSenSpeF1!.Value.ShouldBe(((2 * .5 / 1.5) + 1) / 2, 1e-12);
    }

    [Fact]
    public void BothFs_AreComputedAndNamedApart()
    {
        var c = ClassificationMetrics.From(new ConfusionMatrix(new long[,] { { 8, 2 }, { 1, 9 } })).Categories[0];
        c.SenSpeF1!.Value.ShouldBe(2 * .8 * .9 / 1.7, 1e-12);
        c.PrecisionRecallF1!.Value.ShouldBe(16 / 19.0, 1e-12);
    }

    [Fact]
    public void ACategoryNeverFound_HasF1Zero()
    {
        var metrics = ClassificationMetrics.From(new ConfusionMatrix(new long[,] { { 0, 5 }, { 5, 0 } }));
        metrics.MacroSenSpeF1.ShouldBe(0);
        metrics.Categories[0].PrecisionRecallF1.ShouldBe(0);
    }

    [Fact]
    public void Auc_EqualsTheShareOfOrderedPairs() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 5]).Array[2, 30].Sample(items =>
        {
            double wins = 0, pairs = 0;
            foreach (var (p, a) in items.Where(i => i.Item1))
            {
                foreach (var (n, b) in items.Where(i => !i.Item1))
                {
                    pairs++;
                    wins += a > b ? 1 : a == b ? .5 : 0;
                }
            }

            var area = Roc.Area([.. items.Select(i => i.Item1)], [.. items.Select(i => (float)i.Item2)]);
            if (pairs == 0)
                area.ShouldBeNull();
            else
                area!.Value.ShouldBe(wins / pairs, 1e-12);
        });

    [Fact]
    public void Metrics_LieInTheirRanges() =>
        Gen.Select(Gen.Int[0, 3], Gen.Float[0, 1].Array[4]).Array[1, 40].Sample(items =>
        {
            var m = ClassificationMetrics.From([.. items.Select(i => i.Item1)], [.. items.Select(i => i.Item2)]);
            foreach (var value in m.Categories.SelectMany(c => new[] { c.Sensitivity, c.Specificity, c.SenSpeF1, c.Precision, c.PrecisionRecallF1, c.Auc }))
                (value ?? 0).ShouldBeInRange(0, 1);
            m.Accuracy.ShouldBeInRange(0, 1);
            (m.Kappa ?? 0).ShouldBeInRange(-1, 1);
            m.Confusion.Total.ShouldBe(items.Length);
        });

    [Fact]
    public void MismatchedInput_IsRefused()
    {
        Should.Throw<ArgumentException>(() => ClassificationMetrics.From([0], []));
        Should.Throw<ArgumentException>(() => ClassificationMetrics.From([2], [[.5f, .5f]]));
        Should.Throw<ArgumentException>(() => new ConfusionMatrix(new long[2, 3]));
    }
}
