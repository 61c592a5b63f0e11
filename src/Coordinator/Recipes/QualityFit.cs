using Factory.Contracts;
using Factory.Contracts.Recipes;

namespace Factory.Coordinator.Recipes;

/// <summary>Whether what a recipe asks to be measured, and to reject by, can be measured.</summary>
internal static class QualityFit
{
    /// <summary>Why a corpus without a judge cannot be compared with real images.</summary>
    public const string NoFeatures = "real and synthetic images are compared in the features of a classifier, and a generator that takes no CAMs has none; name one as judge or as quality.features, or set corpusSamples: 0";

    /// <summary>Why a measure cannot be taken; null where it can.</summary>
    /// <param name="measure">One of <see cref="QualityMeasures"/>.</param>
    /// <param name="step">The step.</param>
    /// <param name="takesCams">Whether its generator takes CAMs.</param>
    /// <param name="modality">What it makes images of.</param>
    public static string? Misfit(string measure, SynthesizeStep step, bool takesCams, Modality modality) => measure switch
    {
        QualityMeasures.CamConsistency when !takesCams => "compares the CAM of an image with the one that conditioned it, and this generator sees none; leave it out",
        QualityMeasures.FieldOfView when modality == Modality.Oct => "is the lit circle of a fundus photograph, and OCT has none; leave it out",
        _ when QualityMeasures.NeedJudge(measure) && !takesCams && step.Judge is null => "needs a classifier that judges, and a generator that takes no CAMs has none; name one as judge",
        _ => null,
    };

    /// <summary>What a step asks for that cannot be done: the key's path within the step, and why.</summary>
    /// <param name="step">The step.</param>
    /// <param name="takesCams">Whether its generator takes CAMs.</param>
    /// <param name="modality">What it makes images of.</param>
    public static IEnumerable<(string Path, string Reason)> Misfits(SynthesizeStep step, bool takesCams, Modality modality)
    {
        foreach (string measure in QualityMeasures.All)
        {
            if (Misfit(measure, step, takesCams, modality) is not { } reason) continue;
            if (step.Reject?.Below(measure) is not null) yield return ($"reject.{measure}Below", $"{measure} {reason}");
            if (step.Quality?.Measures?.Contains(measure) == true) yield return ("quality.measures", $"{measure} {reason}");
        }
        if (step.Quality is { CorpusSamples: > 0, Features: null } && !takesCams && step.Judge is null) yield return ("quality", NoFeatures);
    }

    /// <summary>Notes at its place whatever cannot be done.</summary>
    public static void Check(SynthesizeStep step, bool takesCams, Modality modality, FieldValues values, string path, RecipeIssues issues)
    {
        foreach ((string place, string reason) in Misfits(step, takesCams, modality))
        {
            string[] keys = place.Split('.');
            YamlNode group = values.Node(keys[0])!;
            issues.Add(keys.Length > 1 && (group as YamlMap)?[keys[1]] is { } node ? node : group, $"{path}.{place}", reason);
        }
    }
}
