using Factory.Contracts;
using Factory.Contracts.Recipes;

namespace Factory.Coordinator.Recipes;

/// <summary>What each step of a recipe sees: what it says itself, else what the steps it builds on see, else the recipe's modality. References must have been checked.</summary>
internal static class RecipeModalities
{
    /// <summary>What a step sees.</summary>
    public static StepModality Of(Recipe recipe, RecipeStep step) => Said(step) ?? Inherited(recipe, step);

    /// <summary>What a step or a registered checkpoint sees; a checkpoint does not say, and counts as of the recipe's modality.</summary>
    public static StepModality Of(Recipe recipe, string reference) =>
        StepInput.IsCheckpoint(reference) ? Widen(recipe.Modality) : Of(recipe, recipe.Steps.Single(step => step.Name == reference));

    /// <summary>What a step says that it sees; null where it does not.</summary>
    public static StepModality? Said(RecipeStep step) => step switch
    {
        TrainClassifierStep train => train.Modality,
        FineTuneStep tune => tune.Modality,
        ComputeCamsStep { Modality: { } modality } => Widen(modality),
        LesionMapsStep { Modality: { } modality } => Widen(modality),
        TrainLabelGeneratorStep { Modality: { } modality } => Widen(modality),
        SynthesizeStep { Modality: { } modality } => Widen(modality),
        EvaluateStep evaluate => evaluate.Modality,
        _ => null,
    };

    /// <summary>What a step would see if it did not say.</summary>
    public static StepModality Inherited(Recipe recipe, RecipeStep step) => step switch
    {
        FineTuneStep tune => Of(recipe, tune.From),
        ComputeCamsStep cams => Of(recipe, cams.Classifier),
        TrainGeneratorStep generator => Of(recipe, generator.Cams),
        SynthesizeStep corpus => Of(recipe, corpus.Cams ?? corpus.Generator),
        PretrainStep { OctCorpus: null } pretrain => Of(recipe, pretrain.Corpus),
        PretrainStep => StepModality.Both,
        EvaluateStep evaluate => evaluate.Models.Select(model => Of(recipe, model)).Distinct().ToList() is [var only] ? only : StepModality.Both,
        _ => Widen(recipe.Modality),
    };

    /// <summary>The one modality that a step sees.</summary>
    /// <exception cref="InvalidOperationException">It sees both.</exception>
    public static Modality OneOf(Recipe recipe, RecipeStep step) => Of(recipe, step) switch
    {
        StepModality.Cfp => Modality.Cfp,
        StepModality.Oct => Modality.Oct,
        _ => throw new InvalidOperationException($"Step {step.Name} sees both modalities."),
    };

    /// <summary>The modalities that the steps of a recipe see.</summary>
    public static IReadOnlyList<Modality> Used(Recipe recipe) =>
        [.. Enum.GetValues<Modality>().Where(modality => recipe.Steps.Any(step => Of(recipe, step) is var seen && (seen == StepModality.Both || seen == Widen(modality))))];

    /// <summary>A modality as a step's.</summary>
    public static StepModality Widen(Modality modality) => modality == Modality.Cfp ? StepModality.Cfp : StepModality.Oct;
}
