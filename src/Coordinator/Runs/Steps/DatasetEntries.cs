using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>Lists a collection's real images as the entries of a dataset.</summary>
internal static class DatasetEntries
{
    /// <summary>
    /// The images of one side of the split that the step sees, in the collection's order. Where it sees both modalities, each entry says its own, and numbers its eye in
    /// order of first appearance: the user's ids stay in the database.
    /// </summary>
    /// <param name="scope">The step.</param>
    /// <param name="split">The side.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="label">Only images of this category. Default all.</param>
    public static async Task<List<DatasetEntry>> EntriesAsync(this StepScope scope, Split split, CancellationToken cancellationToken, int? label = null)
    {
        bool paired = scope.Sees == StepModality.Both;
        List<CollectionImage> images = await (paired ? scope.AllImages : scope.Images)
            .Where(image => image.Split == split && (label == null || image.Label == label)).ToListAsync(cancellationToken);
        Dictionary<string, int> eyes = new(StringComparer.Ordinal);
        bool judged = scope.RecipeStep(scope.Step.Name) is EvaluateStep;
        return images.ConvertAll(image => new DatasetEntry
        {
            Object = image.ToObjectRef(),
            Split = split,
            Label = image.Label,
            Modality = paired ? image.Modality : null,
            Eye = paired && image.Eye is { } eye ? NumberOf(eye, eyes) : null,
            Subject = judged ? image.SubjectNumber : null,
            Source = judged ? image.SourceDigest : null,
        });
    }

    private static int NumberOf(string eye, Dictionary<string, int> eyes)
    {
        if (!eyes.TryGetValue(eye, out int number)) eyes[eye] = number = eyes.Count;
        return number;
    }
}
