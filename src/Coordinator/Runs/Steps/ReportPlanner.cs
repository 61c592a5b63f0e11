using System.Runtime.CompilerServices;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Work;
using Factory.Coordinator.Recipes;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>Plans the report that ends every run.</summary>
internal sealed class ReportPlanner : StepPlanner
{
    /// <summary>Name of the step that every run ends with; no recipe may use it.</summary>
    public const string StepName = "report";

    public override string Kind => "Report";

    public override string Unit => "pages";

    public override async IAsyncEnumerable<PlannedItem> BeginAsync(StepScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ReportContent content = await ContentAsync(scope, cancellationToken);
        scope.Step.Units = 1;
        yield return new(
            new RenderReport
            {
                Order = scope.Order,
                Content = await scope.StoreAsync(
                    JsonSerializer.SerializeToUtf8Bytes(content, ContractJson.Options), MediaTypes.Json, cancellationToken),
            },
            1);
    }

    public override async Task<StepOutput> SealAsync(StepScope scope, CancellationToken cancellationToken)
    {
        ReportRendered report = await scope.ResultsAsync<ReportRendered>(nameof(RenderReport), cancellationToken).LastAsync(cancellationToken);
        return new() { Report = report.Artifact, ReportMarkdown = report.Markdown };
    }

    private static async Task<ReportContent> ContentAsync(StepScope scope, CancellationToken cancellationToken)
    {
        Run run = scope.Run;
        Dictionary<int, int> items = await scope.Database.WorkItems.Where(item => item.RunId == run.Id)
            .GroupBy(item => item.RunStepId).ToDictionaryAsync(group => group.Key, group => group.Count(), cancellationToken);
        return new()
        {
            RunId = run.Id,
            Name = run.Name,
            Recipe = run.RecipeText,
            RecipeDigest = run.RecipeDigest,
            Collection = $"{run.CollectionVersion.Collection.Name}@{run.CollectionVersion.Version}",
            CollectionDigest = run.CollectionVersion.Digest,
            Numerics = run.Numerics,
            Categories = scope.Categories,
            Images = await ImagesAsync(scope, cancellationToken),
            Steps = [.. run.Steps.Where(step => step.Id != scope.Step.Id).OrderBy(step => step.Ordinal)
                .Select(step => Describe(step, items.GetValueOrDefault(step.Id)))],
        };
    }

    private static ReportStep Describe(RunStep step, int items) => new()
    {
        Name = step.Name,
        Kind = step.Kind,
        Items = items,
        Output = (step.Output!.Checkpoint ?? step.Output.Manifest ?? step.Output.Evaluation ?? step.Output.Sources)?.Digest,
        Curve = step.Output.Curve,
        Evaluation = step.Output.Evaluation,
        ContactSheet = step.Output.ContactSheet,
        Previews = step.Output.Previews,
        Samples = step.Output.Samples,
        Rejected = step.Output.Rejected,
        Quality = step.Output.Quality,
    };

    private static async Task<Dictionary<string, IReadOnlyList<int>>> ImagesAsync(StepScope scope, CancellationToken cancellationToken)
    {
        IReadOnlyList<Modality> used = RecipeModalities.Used(scope.Run.Recipe);
        var counts = await scope.AllImages.Where(image => used.Contains(image.Modality)).GroupBy(image => new { image.Modality, image.Split, image.Label })
            .Select(group => new { group.Key.Modality, group.Key.Split, group.Key.Label, Count = group.Count() }).ToListAsync(cancellationToken);
        return counts.GroupBy(count => (count.Split, count.Modality)).OrderBy(group => group.Key).ToDictionary(
            group => used.Count == 1 ? $"{group.Key.Split}" : $"{group.Key.Split}, {group.Key.Modality.ToString().ToUpperInvariant()}",
            group => (IReadOnlyList<int>)[.. Enumerable.Range(0, scope.Categories.Count)
                .Select(label => group.FirstOrDefault(count => count.Label == label)?.Count ?? 0)]);
    }
}
