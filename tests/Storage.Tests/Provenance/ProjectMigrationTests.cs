using System.Globalization;
using Factory.Contracts;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Factory.Storage.Tests.Provenance;

public sealed class ProjectMigrationTests() : ProjectMigrationContract(DatabaseProvider.Sqlite);

public sealed class ProjectMigrationTestsOnPostgres() : ProjectMigrationContract(DatabaseProvider.PostgreSql);

public abstract class ProjectMigrationContract(DatabaseProvider provider) : DatabaseContract(provider)
{
    private const string Time = "'2026-01-01 00:00:00+00:00'";

    [Fact]
    public async Task DatabaseOfBefore_IsTheDefaultProject()
    {
        await FillOldAsync();

        await Database.MigrateAsync();

        await using FactoryDbContext database = Database.Open();
        (await database.Collections.SingleAsync()).ProjectId.ShouldBe(Project.DefaultId);
        (await database.Runs.SingleAsync()).ProjectId.ShouldBe(Project.DefaultId);
        (await database.Checkpoints.SingleAsync()).ProjectId.ShouldBe(Project.DefaultId);
        (await database.CamRows.SingleAsync()).ProjectId.ShouldBe(Project.DefaultId);
        (await database.PreparedImages.SingleAsync()).ProjectId.ShouldBe(Project.DefaultId);
        (await database.ApiKeys.SingleAsync()).Projects.ShouldBeNull();
    }

    [Fact]
    public async Task DefaultProject_HasWhatWasStoredBefore()
    {
        await FillOldAsync();

        await Database.MigrateAsync();

        await using FactoryDbContext database = Database.Open();
        List<ProjectObject> objects = await database.ProjectObjects.OrderBy(stored => stored.Bytes).ToListAsync();
        objects.Select(stored => (stored.ProjectId, stored.Digest, stored.Bytes, stored.RunId, stored.IsImage)).ShouldBe(
        [
            (1, Of("image"), 10, null, true), (1, Of("shard"), 100, 7, false), (1, Of("provenance"), 200, 7, false), (1, Of("manifest"), 400, 7, false), (1, Of("checkpoint"), 800, null, false),
        ]);
        Project project = await database.Projects.SingleAsync();
        (project.Name, project.Images, project.ReservedImages, project.Bytes, project.ImageQuota).ShouldBe((Project.Default, 2, 0, 1510, null));
        Run run = await database.Runs.SingleAsync();
        (run.CountedImages, run.CountedBytes).ShouldBe((1, 700));
    }

    [Fact]
    public async Task ProjectsThatAreMadeAfter_HaveKeysOfTheirOwn()
    {
        await Database.MigrateAsync();
        await using FactoryDbContext database = Database.Open();
        database.Projects.Add(new() { Name = "clinic", CreatedAt = DateTime.UnixEpoch });

        await database.SaveChangesAsync();

        (await database.Projects.OrderBy(project => project.Id).Select(project => project.Name).ToListAsync()).ShouldBe([Project.Default, "clinic"]);
    }

    private async Task FillOldAsync()
    {
        await using FactoryDbContext database = Database.Open();
        await database.GetService<IMigrator>().MigrateAsync("Trace");
        string result = $$"""{"attempt":{"itemId":5,"number":1},"artifact":{{Blob("shard", 100)}},"provenance":{{Blob("provenance", 200)}},"digest":"x"}""";
        string[] statements =
        [
            "INSERT INTO collections (id, name) VALUES (3, 'eyes')",
            $"INSERT INTO collection_versions (id, collection_id, version, digest, categories, preprocessing, split_basis, layout, image_count, subject_count, refused, created_at) VALUES (4, 3, 1, {Sql("version")}, '{{\"names\":[\"a\",\"b\"],\"background\":0}}', '{{}}', 'subject', 'csv', 2, 1, '[]', {Time})",
            .. new[] { 0, 1 }.Select(ordinal => string.Create(CultureInfo.InvariantCulture, $"INSERT INTO collection_images (id, collection_version_id, ordinal, path, source_digest, digest, bytes, width, height, label, modality, split, subject_number) VALUES ({ordinal + 1}, 4, {ordinal}, 'p', {Sql("source")}, {Sql("image")}, 10, 1, 1, 0, 'Cfp', 'Train', 0)")),
            $"INSERT INTO prepared_images (preprocessing, source, digest, bytes, width, height) VALUES ({Sql("steps")}, {Sql("source")}, {Sql("image")}, 10, 1, 1)",
            $"INSERT INTO runs (id, name, recipe_text, recipe, recipe_digest, collection_version_id, numerics, priority, state, created_at) VALUES (7, 'old', '', '{{\"apiVersion\":\"factory/v1\",\"name\":\"old\",\"collection\":\"eyes\",\"modality\":\"Cfp\",\"steps\":[]}}', {Sql("recipe")}, 4, '{{\"device\":\"cpu\",\"threads\":1}}', 'Bulk', 'Completed', {Time})",
            $"INSERT INTO run_steps (id, run_id, ordinal, name, kind, state, plan_complete, units, unit, output) VALUES (8, 7, 0, 'corpus', 'Synthesize', 'Completed', {True}, 1, 'samples', '{{\"manifest\":{Blob("manifest", 400)}}}')",
            $"INSERT INTO work_items (id, run_id, run_step_id, ordinal, kind, spec, units, state, attempt_count, attempt_limit, not_before, result) VALUES (5, 7, 8, 0, 'GenerateShard', '{{}}', 1, 'Completed', 1, 5, {Time}, '{result}')",
            $"INSERT INTO samples (work_item_id, \"index\", key, label, source_image_id, manipulation, parameters, seed, draw, image, scores) VALUES (5, 0, 'k', 0, 1, 'none', '{{}}', 1, 0, {Sql("sample")}, '{{}}')",
            $"INSERT INTO checkpoints (id, name, digest, bytes, kind, architecture, categories, size, created_at) VALUES (9, 'old', {Sql("checkpoint")}, 800, 'classifier', 'r', '{{\"names\":[\"a\",\"b\"],\"background\":0}}', 1, {Time})",
            $"INSERT INTO cam_rows (classifier, image, block, block_bytes, \"row\", work_item_id) VALUES ({Sql("checkpoint")}, {Sql("image")}, {Sql("block")}, 1, 0, 5)",
            $"INSERT INTO api_keys (id, public_id, key_hash, name, role, created_by, created_at) VALUES (1, '3f9c02d1a7b4', {Sql("key")}, 'ci', 'Viewer', 'me', {Time})",
        ];
        // Braces would be read as parameters.
        foreach (string statement in statements) await database.Database.ExecuteSqlRawAsync(statement.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
    }

    private string True => Database.Provider == DatabaseProvider.Sqlite ? "1" : "TRUE";

    private static Sha256Digest Of(string text) => Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(text));

    private static string Blob(string text, long bytes) => string.Create(CultureInfo.InvariantCulture, $$"""{"digest":"{{Of(text).Hex}}","bytes":{{bytes}},"mediaType":"x"}""");

    private string Sql(string text) => Database.Provider == DatabaseProvider.Sqlite ? $"'{Of(text).Hex}'" : $"decode('{Of(text).Hex}', 'hex')";
}
