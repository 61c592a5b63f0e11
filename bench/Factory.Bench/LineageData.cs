using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Bench;

/// <summary>A corpus of any size in the real schema: the server writes the rows itself, as many a second as it can.</summary>
internal static class LineageData
{
    public const int Subjects = 2000, ImagesPerSubject = 4, ShardSize = 1000;
    private const int Batch = 1_000_000;

    public static async Task FillAsync(FactoryDbContext database, int samples)
    {
        database.Database.SetCommandTimeout(TimeSpan.FromHours(1));
        CollectionVersion version = new()
        {
            Collection = new() { Name = "bench" },
            Version = 1,
            Categories = CategoryList.Amd,
            Preprocessing = new(),
            SplitBasis = "subject",
            Layout = "csv",
            Refused = [],
        };
        Run run = new()
        {
            Name = "bench",
            RecipeText = "",
            Recipe = new() { ApiVersion = "factory/v1", Name = "bench", Collection = "bench", Modality = Modality.Cfp, Steps = [] },
            CollectionVersion = version,
            Numerics = new() { Device = "cpu", Threads = 1 },
            State = RunState.Completed,
            Steps = [new() { Name = "corpus", Kind = "Synthesize", State = StepState.Completed }],
        };
        database.Add(run);
        await database.SaveChangesAsync();
        int step = run.Steps[0].Id;
        await database.Database.ExecuteSqlAsync($"""
            INSERT INTO collection_images (collection_version_id, ordinal, path, source_digest, digest, bytes, width, height, label, modality, split, subject, subject_number)
            SELECT {version.Id}, i, i || '.png', sha256(i::text::bytea), sha256(i::text::bytea), 1, 1024, 1024, i / 4 % 4, 'Cfp', 'Train', 'subject-' || i / {ImagesPerSubject}, i / {ImagesPerSubject}
            FROM generate_series(0, {(Subjects * ImagesPerSubject) - 1}) i
            """);
        await database.Database.ExecuteSqlAsync($$"""
            INSERT INTO work_items (run_id, run_step_id, ordinal, kind, spec, units, state, attempt_count, attempt_limit, not_before, artifact, completed_at)
            SELECT {{run.Id}}, {{step}}, i, 'GenerateShard', '{}', {{ShardSize}}, 'Completed', 1, 5, now(), sha256(i::text::bytea), now()
            FROM generate_series(0, {{(samples - 1) / ShardSize}}) i
            """);
        for (int first = 0; first < samples; first += Batch) await WriteAsync(database, step, first, Math.Min(first + Batch, samples) - 1);
        await database.Database.ExecuteSqlRawAsync("VACUUM ANALYZE");
    }

    // Sources are drawn as by a hash of the index; every third sample has a partner.
    private static Task<int> WriteAsync(FactoryDbContext database, int step, int first, int last) => database.Database.ExecuteSqlAsync($$"""
        INSERT INTO samples (work_item_id, index, key, label, source_image_id, partner_image_id, manipulation, parameters, seed, draw, image, scores)
        SELECT item.id, i, '00000000000000a7-' || lpad(i::text, 8, '0'), i % 4, base.id + i::bigint * 2654435761 % {{Subjects * ImagesPerSubject}},
               CASE WHEN i % 3 = 0 THEN base.id + (i::bigint + 77) * 2246822519 % {{Subjects * ImagesPerSubject}} END,
               'trs', '{"scale":0.8125,"x":12,"y":-7}', i, 0, sha256(i::text::bytea), '{"target":0.93,"agreement":0.88}'
        FROM generate_series({{first}}, {{last}}) i
        JOIN work_items item ON item.run_step_id = {{step}} AND item.ordinal = i / {{ShardSize}}
        CROSS JOIN (SELECT min(id) AS id FROM collection_images) base
        """);
}
