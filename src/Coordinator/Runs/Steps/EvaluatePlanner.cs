using System.Runtime.CompilerServices;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Coordinator.Collections;
using Factory.Coordinator.Recipes;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>Plans the evaluation of classifiers on one split: one item.</summary>
internal sealed class EvaluatePlanner : StepPlanner
{
    public override string Kind => "Evaluate";

    public override string Unit => "images";

    public override async IAsyncEnumerable<PlannedItem> BeginAsync(StepScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        EvaluateStep step = (EvaluateStep)scope.RecipeStep(scope.Step.Name);
        bool paired = scope.Sees == StepModality.Both;
        List<NamedCheckpoint> models = [];
        foreach (string model in step.Models)
        {
            Checkpoint checkpoint = await scope.CheckpointAsync(model, cancellationToken);
            StepTrial trial = StepTrial.Of(model);
            models.Add(new()
            {
                Name = trial.Step,
                Trial = trial.Number > 1 ? trial.Number : null,
                Checkpoint = checkpoint.ToObjectRef(),
                Modality = paired && checkpoint.Kind == CheckpointKinds.Classifier ? SeenBy(scope, model) : null,
            });
        }
        List<DatasetEntry> entries = await scope.EntriesAsync(step.Split, cancellationToken);
        long examples = paired
            ? (await StrictPairs.CountAsync(scope.Database, scope.Run.CollectionVersionId, step.Split, cancellationToken)).Values.Sum()
            : entries.Count;
        scope.Step.Units = examples * models.Count;
        yield return new(
            new EvaluateModels
            {
                Order = scope.Order,
                Dataset = await scope.StoreLinesAsync(entries, cancellationToken),
                Split = step.Split,
                Paired = paired,
                Categories = scope.Categories,
                Models = models,
                Baseline = step.Baseline,
                Seed = scope.Seed,
            },
            scope.Step.Units);
    }

    public override async Task<StepOutput> SealAsync(StepScope scope, CancellationToken cancellationToken)
    {
        ModelsEvaluated result = await scope.ResultsAsync<ModelsEvaluated>(nameof(EvaluateModels), cancellationToken).LastAsync(cancellationToken);
        return new() { Evaluation = result.Artifact, Predictions = result.Predictions, ContactSheet = result.ContactSheet };
    }

    // A registered checkpoint does not say: it counts as of the recipe's modality.
    private static Modality SeenBy(StepScope scope, string model) => RecipeModalities.Of(scope.Run.Recipe, model) == StepModality.Oct ? Modality.Oct : Modality.Cfp;
}
