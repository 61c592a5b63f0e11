using Factory.Contracts.Api;

namespace Factory.Bench;

/// <summary>The share of a Synthesize step's time that is the generator's forward pass, as the step itself records it.</summary>
internal static class SynthesisBenchmark
{
    private const double Target = 0.9;

    public static Task<int> RunAsync(string preset, int samples) => Measure.InFolderAsync(async folder =>
    {
        StepOutput output = await UntrainedFactory.SynthesizeAsync(folder, preset, samples, samples);
        double ratio = output.ForwardSeconds!.Value / output.WallSeconds!.Value;
        Measure.Print($"synthesis: {preset}, {samples} samples: forward {output.ForwardSeconds:F1} s of {output.WallSeconds:F1} s, ratio {ratio:F3} (target {Target})");
        return ratio >= Target ? 0 : 1;
    });
}
