using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Contracts.Sampling;
using Factory.Contracts.Work;
using Factory.Coordinator.Projects;
using Factory.Coordinator.Recipes;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>What a planner may look at: the run, its step, the outputs of the steps before, the collection.</summary>
internal sealed class StepScope(FactoryDbContext database, IObjectStore objects, Run run, RunStep step)
{
    public FactoryDbContext Database => database;

    public IObjectStore Objects => objects;

    public Run Run => run;

    public RunStep Step => step;

    public CategoryList Categories => run.CollectionVersion.Categories;

    /// <summary>The step's own seed.</summary>
    public ulong Seed => SampleSeeds.Derive(run.Recipe.Seed, step.Name);

    /// <summary>The order of an item to be planned; its id is filled in when it is invited.</summary>
    public WorkOrder Order => new() { RunId = run.Id, ItemId = 0, Step = step.Name, Numerics = run.Numerics };

    /// <summary>The step in the recipe.</summary>
    public RecipeStep RecipeStep(string name) => run.Recipe.Steps.Single(candidate => candidate.Name == name);

    /// <summary>What a completed step made.</summary>
    public StepOutput Output(string name) => run.Steps.Single(candidate => candidate.Name == name).Output
        ?? throw new InvalidOperationException($"Step {name} of run {run.Id} has no output yet.");

    /// <summary>The checkpoint a reference leads to: the output of a step, or a registered checkpoint.</summary>
    public async Task<Checkpoint> CheckpointAsync(string reference, CancellationToken cancellationToken)
    {
        if (StepInput.IsCheckpoint(reference))
        {
            return await Checkpoints.CheckpointLookup.FindAsync(database, reference[StepInput.CheckpointPrefix.Length..], cancellationToken);
        }
        Sha256Digest digest = Output(reference).Checkpoint!.Digest;
        return await database.Checkpoints.OrderBy(checkpoint => checkpoint.Id).FirstAsync(checkpoint => checkpoint.Digest == digest, cancellationToken);
    }

    /// <summary>What the step sees.</summary>
    public StepModality Sees => RecipeModalities.Of(run.Recipe, RecipeStep(step.Name));

    /// <summary>The modality of a step that sees one.</summary>
    public Modality Modality => RecipeModalities.OneOf(run.Recipe, RecipeStep(step.Name));

    /// <summary>The images of the collection, of all modalities, in order.</summary>
    public IQueryable<CollectionImage> AllImages => database.CollectionImages.AsNoTracking()
        .Where(image => image.CollectionVersionId == run.CollectionVersionId)
        .OrderBy(image => image.Ordinal);

    /// <summary>The images of the modality that the step sees, in order.</summary>
    public IQueryable<CollectionImage> Images
    {
        get
        {
            Modality modality = Modality;
            return AllImages.Where(image => image.Modality == modality);
        }
    }

    /// <summary>Stores a list as JSON lines.</summary>
    public async Task<ObjectRef> StoreLinesAsync<T>(IEnumerable<T> lines, CancellationToken cancellationToken) =>
        await NoteAsync(await JsonLines.WriteAsync(objects, lines, cancellationToken), cancellationToken);

    /// <summary>Stores a document.</summary>
    public async Task<ObjectRef> StoreAsync(byte[] content, string mediaType, CancellationToken cancellationToken) =>
        await NoteAsync(await objects.PutAsync(content, mediaType, cancellationToken), cancellationToken);

    private async Task<ObjectRef> NoteAsync(ObjectRef stored, CancellationToken cancellationToken)
    {
        await ProjectBlobs.AddOfRunAsync(database, run.Id, [stored], cancellationToken);
        return stored;
    }

    /// <summary>The results of the step's completed items of one kind, in order, page by page.</summary>
    public async IAsyncEnumerable<T> ResultsAsync<T>(string kind, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long after = -1;
        while (true)
        {
            var page = await database.WorkItems.AsNoTracking()
                .Where(item => item.RunStepId == step.Id && item.Kind == kind && item.Ordinal > after)
                .OrderBy(item => item.Ordinal).Take(1000)
                .Select(item => new { item.Ordinal, item.Result }).ToListAsync(cancellationToken);
            if (page.Count == 0) yield break;
            foreach (var item in page) yield return JsonSerializer.Deserialize<T>(item.Result!, ContractJson.Options)!;
            after = page[^1].Ordinal;
        }
    }
}
