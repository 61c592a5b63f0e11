using Factory.Contracts;
using Factory.Contracts.Recipes;

namespace Factory.Coordinator.Recipes;

/// <summary>Checks what steps of one recipe ask of one another: sizes, and that generators see CAMs of their own classifier. Checkpoints are checked at submission.</summary>
internal static class RecipeFit
{
    public static void Check(Recipe recipe, IReadOnlyList<WrittenStep> written, RecipeIssues issues)
    {
        Dictionary<string, RecipeStep> steps = recipe.Steps.ToDictionary(step => step.Name, StringComparer.Ordinal);
        foreach (WrittenStep step in written)
        {
            string path = YamlTree.Join(RecipeKeys.Steps, step.Name);
            (int? asked, string from, int? given) = steps[step.Name] switch
            {
                ComputeCamsStep cams => (cams.Size, cams.Classifier, ClassifierSize(cams.Classifier, steps)),
                FineTuneStep tune => (tune.Size, tune.From, ClassifierSize(tune.From, steps)),
                SynthesizeStep corpus => (corpus.Size, corpus.Generator, GeneratorSize(corpus.Generator, steps)),
                _ => (null, "", null),
            };
            if (asked is not null && given is not null && asked != given)
            {
                issues.Add(step.Values!.Node("size")!, path + ".size", $"must be {given}, the size of step '{from}', is {asked}");
            }
            if (steps[step.Name] is SynthesizeStep made && !StepInput.IsCheckpoint(made.Generator) && steps[made.Generator] is TrainLabelGeneratorStep)
            {
                foreach (string key in SynthesizeKind.NeedlessKeys(made)) issues.Add(step.Values!.Node(key)!, $"{path}.{key}", SynthesizeKind.Needless(key));
            }
            else if (steps[step.Name] is SynthesizeStep { Cams: { } named } synthesis)
            {
                CheckCondition(synthesis.Generator, named, "cams", step, path, steps, issues);
            }
            // What a checkpoint is, is known at submission.
            if (steps[step.Name] is SynthesizeStep { Generator: var maker } judged && !StepInput.IsCheckpoint(maker))
            {
                QualityFit.Check(judged, takesCams: steps[maker] is TrainGeneratorStep { Cams: var cams } && steps[cams] is ComputeCamsStep, RecipeModalities.Of(recipe, judged) == StepModality.Oct ? Modality.Oct : Modality.Cfp, step.Values!, path, issues);
            }
            if (steps[step.Name] is TrainLabelGeneratorStep { Steps: { } asking } label && LabelGeneratorPresets.All[label.Preset].LeastSteps is var least && asking < least)
            {
                issues.Add(step.Values!.Node("steps")!, path + ".steps", $"must be at least {least} for preset {label.Preset}, is {asking}");
            }
            if (steps[step.Name] is EvaluateStep { Baseline: { } baseline } evaluate && !evaluate.Models.Contains(baseline))
            {
                issues.Add(step.Values!.Node("baseline")!, path + ".baseline", $"must be one of models: {string.Join(", ", evaluate.Models)}");
            }
            if (steps[step.Name] is TrainGeneratorStep { From: { } stage1 } generator) CheckStages(generator, stage1, step, path, steps, issues);
        }
    }

    private static void CheckStages(
        TrainGeneratorStep generator, string stage1, WrittenStep step, string path, Dictionary<string, RecipeStep> steps, RecipeIssues issues)
    {
        if (!GeneratorPresets.Stages.TryGetValue(generator.Preset, out string? needed))
        {
            issues.Add(step.Values!.Node("from")!, path + ".from", $"preset {generator.Preset} starts from no other generator; those that do are {string.Join(" and ", GeneratorPresets.Stages.Keys)}");
            return;
        }
        if (!StepInput.IsCheckpoint(stage1) && ((TrainGeneratorStep)steps[stage1]).Preset is var given && given != needed)
        {
            issues.Add(step.Values!.Node("from")!, path + ".from", $"preset {generator.Preset} starts from a generator of preset {needed}, step '{stage1}' is of preset {given}");
        }
        CheckCondition(stage1, generator.Cams, "from", step, path, steps, issues);
    }

    private static void CheckCondition(
        string generator, string named, string key, WrittenStep step, string path, Dictionary<string, RecipeStep> steps, RecipeIssues issues)
    {
        if (StepInput.IsCheckpoint(generator)) return;
        string cams = ((TrainGeneratorStep)steps[generator]).Cams;
        string? clash = (steps[cams], steps[named]) switch
        {
            // Two references to checkpoints may mean one: a name and a digest.
            (ComputeCamsStep of, ComputeCamsStep other) when of.Classifier == other.Classifier || (StepInput.IsCheckpoint(of.Classifier) && StepInput.IsCheckpoint(other.Classifier)) => null,
            (ComputeCamsStep of, ComputeCamsStep other) => $"computes CAMs of '{other.Classifier}', but generator '{generator}' was trained on CAMs of '{of.Classifier}'; the scale of a CAM belongs to its classifier",
            // Kinds that a recipe does not name are known when the masks are.
            (LesionMapsStep of, LesionMapsStep other) when of.Grid == other.Grid && (of.Kinds is null || other.Kinds is null || of.Kinds.SequenceEqual(other.Kinds)) => null,
            (LesionMapsStep, LesionMapsStep) => $"makes other lesion maps than '{cams}', which generator '{generator}' was trained on; kinds and grid must be the same",
            (ComputeCamsStep, _) => $"makes lesion maps, but generator '{generator}' was trained on the CAMs of '{cams}'",
            _ => $"computes CAMs, but generator '{generator}' was trained on the lesion maps of '{cams}'",
        };
        if (clash is not null) issues.Add(step.Values!.Node(key)!, $"{path}.{key}", $"step '{named}' {clash}");
    }

    private static int? ClassifierSize(string reference, Dictionary<string, RecipeStep> steps)
    {
        if (StepInput.IsCheckpoint(reference)) return null;
        return steps[reference] switch
        {
            NewClassifierStep trained => trained.Size,
            FineTuneStep tuned => ClassifierSize(tuned.From, steps),
            _ => null,
        };
    }

    private static int? GeneratorSize(string reference, Dictionary<string, RecipeStep> steps) => StepInput.IsCheckpoint(reference) ? null : steps[reference] switch
    {
        TrainLabelGeneratorStep label => LabelGeneratorPresets.All[label.Preset].Size,
        TrainGeneratorStep generator => GeneratorPresets.Sizes[generator.Preset],
        _ => null,
    };
}
