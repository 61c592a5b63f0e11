using Factory.Contracts.Api;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>What a generator is conditioned on: CAMs of a classifier, or lesion maps of some kinds.</summary>
internal static class ConditionSource
{
    /// <summary>Refuses a generator that was trained on something else. The scale of a CAM belongs to its classifier (method: CAM and condition map), and a channel of a lesion map to its kind.</summary>
    /// <param name="path">The step, or the key of it, that brings both together.</param>
    /// <param name="generator">The generator.</param>
    /// <param name="named">The step whose CAMs or lesion maps it would see.</param>
    /// <param name="output">What that step made.</param>
    /// <exception cref="RefusedException">They do not fit.</exception>
    public static void RequireSame(string path, Checkpoint generator, string named, StepOutput output)
    {
        if (output.Lesions is null ? generator.Lesions is null && generator.Classifier == output.Classifier!.Digest : output.Lesions.Matches(generator.Lesions)) return;
        throw RefusedException.Invalid(
            $"{path}: generator {generator.Name} was trained on {Words(generator.Classifier?.Short, generator.Lesions)}, but step {named} gives {Words(output.Classifier?.Digest.Short, output.Lesions)}; " +
            "name the step that the generator was trained on, or train a generator on this one.");
    }

    private static string Words(string? classifier, Contracts.Recipes.LesionMapSpec? lesions) => lesions is null ? $"CAMs of classifier {classifier}" : $"lesion maps of {lesions}";
}
