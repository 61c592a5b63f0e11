using System.Runtime.CompilerServices;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>Plans the evaluation of classifiers on one split: one item.</summary>
internal sealed class EvaluatePlanner : StepPlanner
{
    public override string Kind => "Evaluate";

    public override string Unit => "images";

    public override async IAsyncEnumerable<PlannedItem> BeginAsync(StepScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        EvaluateStep step = (EvaluateStep)scope.RecipeStep(scope.Step.Name);
        List<CollectionImage> images = await scope.Images.Where(image => image.Split == step.Split).ToListAsync(cancellationToken);
        List<NamedCheckpoint> models = [];
        foreach (string model in step.Models)
        {
            models.Add(new() { Name = model, Checkpoint = (await scope.CheckpointAsync(model, cancellationToken)).ToObjectRef() });
        }
        scope.Step.Units = (long)images.Count * models.Count;
        yield return new(
            new EvaluateModels
            {
                Order = scope.Order,
                Dataset = await scope.StoreLinesAsync(
                    images.Select(image => new DatasetEntry { Object = image.ToObjectRef(), Split = step.Split, Label = image.Label }), cancellationToken),
                Split = step.Split,
                Categories = scope.Categories,
                Models = models,
                Seed = scope.Seed,
            },
            scope.Step.Units);
    }

    public override async Task<StepOutput> SealAsync(StepScope scope, CancellationToken cancellationToken) => new()
    {
        Evaluation = (await scope.ResultsAsync<ModelsEvaluated>(nameof(EvaluateModels), cancellationToken).LastAsync(cancellationToken)).Artifact,
    };
}
