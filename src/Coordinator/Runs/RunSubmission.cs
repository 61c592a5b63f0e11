using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Coordinator.Collections;
using Factory.Coordinator.Projects;
using Factory.Coordinator.Recipes;
using Factory.Coordinator.Runs.Plans;
using Factory.Coordinator.Runs.Steps;
using Factory.Hosting.Telemetry;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Factory.Coordinator.Runs;

/// <summary>Turns a recipe into a run, or says everything that stands against it.</summary>
internal sealed class RunSubmission(FactoryDbContext database, IOptions<RunOptions> options, IDatabaseClock clock, RunSignal signal)
{
    /// <summary>Submits a recipe.</summary>
    /// <param name="yaml">The recipe's text.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="cancellationToken">Cancels before the run is written.</param>
    /// <param name="priority">How urgent it is; changes no result.</param>
    /// <exception cref="RecipeInvalidException">The recipe has errors.</exception>
    /// <exception cref="RefusedException">It does not fit the collection or the checkpoints it names, or the collection's project has no room for its samples.</exception>
    public async Task<Run> SubmitAsync(string yaml, string file, CancellationToken cancellationToken, RunPriority priority = RunPriority.Bulk)
    {
        (Recipe recipe, CollectionVersion collection) = await ReadAsync(yaml, file, cancellationToken);
        Run run = new()
        {
            ProjectId = collection.Collection.ProjectId,
            Name = recipe.Name,
            RecipeText = yaml,
            Recipe = recipe,
            RecipeDigest = RecipeDigest.Of(recipe),
            CollectionVersionId = collection.Id,
            CollectionVersion = collection,
            Numerics = Pin(recipe.Numerics),
            Priority = priority,
            State = RunState.Submitted,
            TraceParent = FactoryTrace.Present,
            CreatedAt = await clock.NowAsync(database, cancellationToken),
            Steps = [.. recipe.Steps.Select((step, ordinal) => NewStep(step.Name, step.Kind, ordinal)), NewStep(ReportPlanner.StepName, "Report", recipe.Steps.Count)],
        };
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        database.Runs.Add(run);
        await database.SaveChangesAsync(cancellationToken);
        await ProjectLedger.ReserveAsync(database, run, cancellationToken);
        // Its number is known only now.
        database.Audit?.Target = $"{Routes.Runs}/{run.Id}";
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signal.Raise();
        return run;
    }

    /// <summary>What a recipe would do.</summary>
    /// <param name="yaml">The recipe's text.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="cancellationToken">Cancels the planning.</param>
    public async Task<RecipePlan> PlanAsync(string yaml, string file, CancellationToken cancellationToken)
    {
        (Recipe recipe, CollectionVersion collection) = await ReadAsync(yaml, file, cancellationToken);
        ExampleCounts examples = await ExampleCounts.OfAsync(database, recipe, collection, cancellationToken);
        Numerics numerics = Pin(recipe.Numerics);
        WorkShapes shapes = await WorkShapes.OfAsync(database, recipe, cancellationToken);
        List<MeasuredRate> rates = await new Rates(database).ReadAsync(recipe.Steps.Select(shapes.Of).OfType<WorkShape>().ToHashSet(), cancellationToken);
        return new()
        {
            Name = recipe.Name,
            Recipe = RecipeDigest.Of(recipe),
            Collection = $"{collection.Collection.Name}@{collection.Version}",
            Numerics = numerics,
            Steps = [.. recipe.Steps.Select(step => PlanForecast.Add(
                PlanEstimate.Of(step, examples.Of(step, Split.Train), step is EvaluateStep evaluate ? examples.Of(step, evaluate.Split) : 0),
                rates.FindAll(rate => rate.Shape == shapes.Of(step)), numerics.Device))],
        };
    }

    private async Task<(Recipe Recipe, CollectionVersion Collection)> ReadAsync(string yaml, string file, CancellationToken cancellationToken)
    {
        Recipe recipe = RecipeReader.Read(yaml, file);
        CollectionVersion collection = await CollectionLookup.FindAsync(database, recipe.Collection, cancellationToken);
        // A run lives in one project: all else that it names, and what its speed is judged by, is found there.
        database.VisibleProjects = [collection.Collection.ProjectId];
        RecipeChecks.AgainstCollection(recipe, file, yaml, collection.Categories);
        await SubmissionChecks.RequireFitAsync(database, recipe, collection, cancellationToken);
        return (recipe, collection);
    }

    private Numerics Pin(NumericsRequest request) =>
        new() { Device = request.Device ?? options.Value.Device, Threads = request.Threads ?? options.Value.Threads };

    private static RunStep NewStep(string name, string kind, int ordinal) => new() { Name = name, Kind = kind, Ordinal = ordinal };
}
