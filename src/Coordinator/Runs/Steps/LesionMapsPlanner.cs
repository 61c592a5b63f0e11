using System.Runtime.CompilerServices;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Coordinator.Collections;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>Lists the training images that have lesion masks. There is nothing to compute: a worker makes a map of the masks when it needs it.</summary>
internal sealed class LesionMapsPlanner : StepPlanner
{
    public override string Kind => "LesionMaps";

    public override string Unit => "images";

    public override async IAsyncEnumerable<PlannedItem> BeginAsync(StepScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        scope.Step.Units = 0;
        yield break;
    }

    public override async Task<StepOutput> SealAsync(StepScope scope, CancellationToken cancellationToken)
    {
        LesionMapsStep step = (LesionMapsStep)scope.RecipeStep(scope.Step.Name);
        List<CollectionImage> images = await scope.Images.Where(image => image.Split == Split.Train).ToListAsync(cancellationToken);
        IReadOnlyList<string> kinds = step.Kinds ?? LesionKinds.Of(images, scope.Categories);
        // An eye without disease has no lesion to mask.
        IEnumerable<CamSource> sources = images.Where(image => image.Lesions is not null || image.Label == scope.Categories.Background).Select(image => new CamSource
        {
            Image = image.ToObjectRef(),
            Label = image.Label,
            Subject = image.SubjectNumber,
            Lesions = new SortedDictionary<string, ObjectRef>(
                (image.Lesions ?? new Dictionary<string, ObjectRef>()).Where(mask => kinds.Contains(mask.Key)).ToDictionary(), StringComparer.Ordinal),
        });
        return new() { Lesions = new() { Kinds = kinds, Grid = step.Grid }, Sources = await scope.StoreLinesAsync(sources, cancellationToken) };
    }
}
