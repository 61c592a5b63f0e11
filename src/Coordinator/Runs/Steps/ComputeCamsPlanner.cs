using System.Runtime.CompilerServices;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>Plans the CAMs of the training images that have none under the classifier yet.</summary>
internal sealed class ComputeCamsPlanner : StepPlanner
{
    public override string Kind => "ComputeCams";

    public override string Unit => "images";

    public override async IAsyncEnumerable<PlannedItem> BeginAsync(StepScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ComputeCamsStep step = (ComputeCamsStep)scope.RecipeStep(scope.Step.Name);
        Checkpoint classifier = await scope.CheckpointAsync(step.Classifier, cancellationToken);
        HashSet<Sha256Digest> known = await scope.Database.CamRows.AsNoTracking()
            .Where(row => row.Classifier == classifier.Digest).Select(row => row.Image).ToHashSetAsync(cancellationToken);
        List<CollectionImage> images = await scope.Images.Where(image => image.Split == Split.Train).ToListAsync(cancellationToken);
        List<ObjectRef> missing = [.. images.Where(image => known.Add(image.Digest)).Select(image => image.ToObjectRef())];
        scope.Step.Units = missing.Count;
        foreach (ObjectRef[] block in missing.Chunk(step.BlockSize))
        {
            yield return new(
                new ComputeCamBlock { Order = scope.Order, Classifier = classifier.ToObjectRef(), Images = block }, block.Length);
        }
    }

    public override async Task<StepOutput> SealAsync(StepScope scope, CancellationToken cancellationToken)
    {
        ComputeCamsStep step = (ComputeCamsStep)scope.RecipeStep(scope.Step.Name);
        Checkpoint classifier = await scope.CheckpointAsync(step.Classifier, cancellationToken);
        Dictionary<Sha256Digest, CamRow> rows = await scope.Database.CamRows.AsNoTracking()
            .Where(row => row.Classifier == classifier.Digest).ToDictionaryAsync(row => row.Image, cancellationToken);
        List<CollectionImage> images = await scope.Images.Where(image => image.Split == Split.Train).ToListAsync(cancellationToken);
        IEnumerable<CamSource> sources = images.Select(image => new CamSource
        {
            Image = image.ToObjectRef(),
            Label = image.Label,
            Subject = image.SubjectNumber,
            Block = new() { Digest = rows[image.Digest].Block, Bytes = rows[image.Digest].BlockBytes, MediaType = MediaTypes.SafeTensors },
            Row = rows[image.Digest].Row,
        });
        return new() { Classifier = classifier.ToObjectRef(), Sources = await scope.StoreLinesAsync(sources, cancellationToken) };
    }
}
