using System.Globalization;
using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Coordinator.Checkpoints;
using Factory.Coordinator.Recipes;
using Factory.Coordinator.Runs.Steps;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Runs.Plans;

/// <summary>What the speed of a step's work depends on, beside the device.</summary>
/// <param name="Work">Name of the command's record.</param>
/// <param name="Size">The network and its image, such as <c>resnet18-w64-s32@256 b8</c> or <c>tiny64@64</c>.</param>
internal sealed record WorkShape(string Work, string Size);

/// <summary>The shapes of a recipe's steps.</summary>
internal sealed class WorkShapes
{
    private readonly Recipe _recipe;
    private readonly Dictionary<string, Checkpoint> _checkpoints;

    private WorkShapes(Recipe recipe, Dictionary<string, Checkpoint> checkpoints) => (_recipe, _checkpoints) = (recipe, checkpoints);

    /// <summary>Looks up the checkpoints that the recipe names; one that is gone only leaves its step without a shape.</summary>
    public static async Task<WorkShapes> OfAsync(FactoryDbContext database, Recipe recipe, CancellationToken cancellationToken)
    {
        Dictionary<string, Checkpoint> checkpoints = [];
        foreach (string input in recipe.Steps.SelectMany(step => step.Inputs).Where(StepInput.IsCheckpoint).Distinct())
        {
            try
            {
                checkpoints[input] = await CheckpointLookup.FindAsync(database, input[StepInput.CheckpointPrefix.Length..], cancellationToken);
            }
            catch (RefusedException)
            {
                // Of an old run: its rates are not known, which is no fault of the recipe that asks.
            }
        }
        return new(recipe, checkpoints);
    }

    /// <summary>The step's shape; null where speed is not measured.</summary>
    public WorkShape? Of(RecipeStep step) => step switch
    {
        ClassifierTrainingStep classifier => Make(classifier.Rounds is null ? nameof(TrainClassifierSegment) : nameof(TrainReplicaSegment), Classifier(step), string.Create(CultureInfo.InvariantCulture, $" b{classifier.BatchSize}")),
        ComputeCamsStep cams => Make(nameof(ComputeCamBlock), Classifier(cams.Classifier)),
        TrainGeneratorStep generator => Make(nameof(TrainGeneratorSegment), Generator(step), generator.Perceptual is null ? "" : " vgg19"),
        TrainLabelGeneratorStep => Make(nameof(TrainLabelGeneratorSegment), Generator(step)),
        SynthesizeStep corpus => Make(nameof(GenerateShard), Generator(corpus.Generator), corpus.Precision is { } precision ? $" {precision}" : ""),
        _ => null,
    };

    private static WorkShape? Make(string work, string? size, string detail = "") => size is null ? null : new(work, size + detail);

    private RecipeStep Step(string name) => _recipe.Steps.Single(step => step.Name == name);

    private string? Classifier(string reference) => StepInput.IsCheckpoint(reference) ? Checkpoint(reference) : Classifier(Step(reference));

    private string? Classifier(RecipeStep step) => step switch
    {
        NewClassifierStep fresh => Text(new CheckpointShape(fresh.Architecture, fresh.Width, fresh.OutputStride, RecipeModalities.Of(_recipe, fresh) == StepModality.Both).ToString(), fresh.Size),
        FineTuneStep tune => Classifier(tune.From),
        _ => null,
    };

    private string? Generator(string reference) => StepInput.IsCheckpoint(reference) ? Checkpoint(reference) : Generator(Step(reference));

    private static string? Generator(RecipeStep step) => step switch
    {
        TrainGeneratorStep generator => Text(generator.Preset, GeneratorPresets.Sizes[generator.Preset]),
        TrainLabelGeneratorStep label => Text(LabelArchitecture.Of(label.Preset), LabelGeneratorPresets.All[label.Preset].Size),
        _ => null,
    };

    private string? Checkpoint(string reference) => _checkpoints.TryGetValue(reference, out Checkpoint? checkpoint) ? Text(checkpoint.Architecture, checkpoint.Size) : null;

    // One network has two names.
    private static string Text(string architecture, int size) => string.Create(CultureInfo.InvariantCulture, $"{GeneratorPresets.Canonical(architecture)}@{size}");
}
