using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Bench;

/// <summary>Runs and items of a factory that has worked for long, in the real schema: the server writes the rows itself.</summary>
internal static class ApiData
{
    /// <summary>Steps of each run.</summary>
    public const int Steps = 4;

    // Of the items of runs that are not over; an attempt each.
    private const int Running = 40;

    /// <summary>Writes them. The first run has a tenth of all items, the others are alike; the last ten are not over.</summary>
    /// <param name="database">An empty database with the schema.</param>
    /// <param name="runs">How many runs.</param>
    /// <param name="items">How many items they have together.</param>
    public static async Task FillAsync(FactoryDbContext database, int runs, int items)
    {
        database.Database.SetCommandTimeout(TimeSpan.FromHours(1));
        Run first = new()
        {
            Name = "bench",
            // As long as the recipes that come with the factory.
            RecipeText = new string('#', 2000),
            Recipe = new() { ApiVersion = "factory/v1", Name = "bench", Collection = "bench", Modality = Modality.Cfp, Steps = [] },
            CollectionVersion = new()
            {
                Collection = new() { Name = "bench" },
                Version = 1,
                Categories = CategoryList.Amd,
                Preprocessing = new(),
                SplitBasis = "subject",
                Layout = "csv",
                Refused = [],
            },
            Numerics = new() { Device = "cpu", Threads = 1 },
            State = RunState.Completed,
            CreatedAt = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc),
            Steps = [.. Enumerable.Range(0, Steps).Select(ordinal => new RunStep { Name = $"step-{ordinal}", Kind = "Synthesize", Ordinal = ordinal, State = StepState.Completed, PlanComplete = true })],
        };
        database.Add(first);
        await database.SaveChangesAsync();
        await CopyRunsAsync(database, runs);
        int large = items / 10, each = (items - large) / Math.Max(1, runs - 1);
        await database.Database.ExecuteSqlAsync($$"""
            INSERT INTO work_items (run_id, run_step_id, ordinal, kind, spec, units, state, attempt_count, attempt_limit, not_before, artifact, completed_at)
            SELECT step.run_id, step.id, i, 'GenerateShard', '{"first":' || i || '}', 250,
                   CASE WHEN step.run_id <= {{runs - 10}} OR i % 3 = 0 THEN 'Completed' WHEN i % 3 = 1 AND i < {{Running}} THEN 'Running' ELSE 'Pending' END,
                   1, 5, now(), CASE WHEN step.run_id <= {{runs - 10}} OR i % 3 = 0 THEN sha256(i::text::bytea) END, CASE WHEN step.run_id <= {{runs - 10}} OR i % 3 = 0 THEN now() END
            FROM run_steps step
            CROSS JOIN LATERAL generate_series(0, (CASE WHEN step.run_id = 1 THEN {{large}} ELSE {{each}} END) / {{Steps}} - 1) i
            """);
        await database.Database.ExecuteSqlAsync($"""
            INSERT INTO attempts (work_item_id, number, worker, started_at, ended_at, outcome)
            SELECT id, 1, 'worker-' || id % 16, now(), CASE WHEN state = 'Completed' THEN now() END, CASE WHEN state = 'Completed' THEN 'committed' END FROM work_items WHERE state <> 'Pending'
            """);
        await database.Database.ExecuteSqlRawAsync("VACUUM ANALYZE");
    }

    private static async Task CopyRunsAsync(FactoryDbContext database, int runs)
    {
        await database.Database.ExecuteSqlAsync($"""
            INSERT INTO runs (name, recipe_text, recipe, recipe_digest, collection_version_id, numerics, priority, state, created_at)
            SELECT name, recipe_text, recipe, recipe_digest, collection_version_id, numerics, priority, CASE WHEN i > {runs - 10} THEN 'Running' ELSE 'Completed' END, created_at + i * interval '1 minute'
            FROM runs, generate_series(2, {runs}) i
            """);
        await database.Database.ExecuteSqlAsync($"""
            INSERT INTO run_steps (run_id, ordinal, name, kind, state, plan_complete, units, unit)
            SELECT run.id, step.ordinal, step.name, step.kind, CASE WHEN run.id > {runs - 10} THEN 'Running' ELSE 'Completed' END, true, step.units, step.unit
            FROM runs run CROSS JOIN run_steps step WHERE run.id > 1 AND step.run_id = 1
            """);
    }
}
