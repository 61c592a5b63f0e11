using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Factory.Storage.Provenance.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Projects : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "projects",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    name = table.Column<string>(type: "TEXT", maxLength: 63, nullable: false),
                    image_quota = table.Column<long>(type: "INTEGER", nullable: true),
                    byte_quota = table.Column<long>(type: "INTEGER", nullable: true),
                    images = table.Column<long>(type: "INTEGER", nullable: false),
                    reserved_images = table.Column<long>(type: "INTEGER", nullable: false),
                    bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    created_at = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_projects", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "project_objects",
                columns: table => new
                {
                    project_id = table.Column<int>(type: "INTEGER", nullable: false),
                    digest = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    run_id = table.Column<int>(type: "INTEGER", nullable: true),
                    is_image = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_project_objects", x => new { x.project_id, x.digest });
                    table.ForeignKey(
                        name: "fk_project_objects_projects_project_id",
                        column: x => x.project_id,
                        principalTable: "projects",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_project_objects_runs_run_id",
                        column: x => x.run_id,
                        principalTable: "runs",
                        principalColumn: "id");
                });

            migrationBuilder.InsertData(
                table: "projects",
                columns: new[] { "id", "byte_quota", "bytes", "created_at", "image_quota", "images", "name", "reserved_images" },
                values: new object[] { 1, null, 0L, new DateTime(1970, 1, 1, 0, 0, 0, 0, DateTimeKind.Utc), null, 0L, "default", 0L });

            migrationBuilder.AddColumn<long>(
                name: "counted_bytes",
                table: "runs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "counted_images",
                table: "runs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "project_id",
                table: "runs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<long>(
                name: "reserved_images",
                table: "runs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "project_id",
                table: "prepared_images",
                type: "INTEGER",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<int>(
                name: "project_id",
                table: "collections",
                type: "INTEGER",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<int>(
                name: "project_id",
                table: "checkpoints",
                type: "INTEGER",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<int>(
                name: "project_id",
                table: "cam_rows",
                type: "INTEGER",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<string>(
                name: "projects",
                table: "api_keys",
                type: "TEXT",
                nullable: true);

            // What was there before belongs to the default project: pictures, what runs made, checkpoints.
            migrationBuilder.Sql("INSERT INTO project_objects (project_id, digest, bytes, is_image) SELECT 1, digest, MAX(bytes), 1 FROM collection_images GROUP BY digest;");
            foreach ((string table, string column) in new[] { ("work_items", "result"), ("run_steps", "output") })
            {
                migrationBuilder.Sql($"""
                    INSERT INTO project_objects (project_id, digest, bytes, run_id, is_image)
                    SELECT 1, json_extract(node.value, '$.digest') AS digest, MAX(json_extract(node.value, '$.bytes')), MIN({table}.run_id), 0
                    FROM {table}, json_tree({table}.{column}) AS node
                    WHERE {table}.{column} IS NOT NULL AND node.type = 'object' AND json_extract(node.value, '$.digest') IS NOT NULL
                        AND json_extract(node.value, '$.bytes') IS NOT NULL AND json_extract(node.value, '$.mediaType') IS NOT NULL
                    GROUP BY json_extract(node.value, '$.digest') ON CONFLICT DO NOTHING;
                    """);
            }
            migrationBuilder.Sql("INSERT INTO project_objects (project_id, digest, bytes, run_id, is_image) SELECT 1, digest, MAX(bytes), MIN(run_id), FALSE FROM checkpoints WHERE TRUE GROUP BY digest ON CONFLICT DO NOTHING;");
            migrationBuilder.Sql("""
                UPDATE runs SET
                    counted_images = (SELECT COUNT(*) FROM samples JOIN work_items ON work_items.id = samples.work_item_id WHERE work_items.run_id = runs.id),
                    counted_bytes = (SELECT COALESCE(SUM(project_objects.bytes), 0) FROM project_objects WHERE project_objects.run_id = runs.id);
                """);
            migrationBuilder.Sql("""
                UPDATE projects SET
                    images = (SELECT COUNT(*) FROM project_objects WHERE is_image) + (SELECT COALESCE(SUM(counted_images), 0) FROM runs),
                    bytes = (SELECT COALESCE(SUM(project_objects.bytes), 0) FROM project_objects)
                WHERE id = 1;
                """);

            migrationBuilder.DropIndex(
                name: "ix_collections_name",
                table: "collections");

            migrationBuilder.DropIndex(
                name: "ix_checkpoints_name",
                table: "checkpoints");

            migrationBuilder.DropPrimaryKey(
                name: "pk_prepared_images",
                table: "prepared_images");

            migrationBuilder.DropPrimaryKey(
                name: "pk_cam_rows",
                table: "cam_rows");

            migrationBuilder.AddPrimaryKey(
                name: "pk_prepared_images",
                table: "prepared_images",
                columns: new[] { "project_id", "preprocessing", "source" });

            migrationBuilder.AddPrimaryKey(
                name: "pk_cam_rows",
                table: "cam_rows",
                columns: new[] { "project_id", "classifier", "image" });

            migrationBuilder.CreateIndex(
                name: "ix_runs_project_id",
                table: "runs",
                column: "project_id");

            migrationBuilder.CreateIndex(
                name: "ix_collections_project_id_name",
                table: "collections",
                columns: new[] { "project_id", "name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_checkpoints_project_id_name",
                table: "checkpoints",
                columns: new[] { "project_id", "name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_project_objects_run_id",
                table: "project_objects",
                column: "run_id",
                filter: "run_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_projects_name",
                table: "projects",
                column: "name",
                unique: true);

            migrationBuilder.AddForeignKey(
                name: "fk_cam_rows_projects_project_id",
                table: "cam_rows",
                column: "project_id",
                principalTable: "projects",
                principalColumn: "id",
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.AddForeignKey(
                name: "fk_checkpoints_projects_project_id",
                table: "checkpoints",
                column: "project_id",
                principalTable: "projects",
                principalColumn: "id",
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.AddForeignKey(
                name: "fk_collections_projects_project_id",
                table: "collections",
                column: "project_id",
                principalTable: "projects",
                principalColumn: "id",
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.AddForeignKey(
                name: "fk_prepared_images_projects_project_id",
                table: "prepared_images",
                column: "project_id",
                principalTable: "projects",
                principalColumn: "id",
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.AddForeignKey(
                name: "fk_runs_projects_project_id",
                table: "runs",
                column: "project_id",
                principalTable: "projects",
                principalColumn: "id",
                onDelete: ReferentialAction.Restrict);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_cam_rows_projects_project_id",
                table: "cam_rows");

            migrationBuilder.DropForeignKey(
                name: "fk_checkpoints_projects_project_id",
                table: "checkpoints");

            migrationBuilder.DropForeignKey(
                name: "fk_collections_projects_project_id",
                table: "collections");

            migrationBuilder.DropForeignKey(
                name: "fk_prepared_images_projects_project_id",
                table: "prepared_images");

            migrationBuilder.DropForeignKey(
                name: "fk_runs_projects_project_id",
                table: "runs");

            migrationBuilder.DropTable(
                name: "project_objects");

            migrationBuilder.DropTable(
                name: "projects");

            migrationBuilder.DropIndex(
                name: "ix_runs_project_id",
                table: "runs");

            migrationBuilder.DropPrimaryKey(
                name: "pk_prepared_images",
                table: "prepared_images");

            migrationBuilder.DropIndex(
                name: "ix_collections_project_id_name",
                table: "collections");

            migrationBuilder.DropIndex(
                name: "ix_checkpoints_project_id_name",
                table: "checkpoints");

            migrationBuilder.DropPrimaryKey(
                name: "pk_cam_rows",
                table: "cam_rows");

            migrationBuilder.DropColumn(
                name: "counted_bytes",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "counted_images",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "project_id",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "reserved_images",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "project_id",
                table: "prepared_images");

            migrationBuilder.DropColumn(
                name: "project_id",
                table: "collections");

            migrationBuilder.DropColumn(
                name: "project_id",
                table: "checkpoints");

            migrationBuilder.DropColumn(
                name: "project_id",
                table: "cam_rows");

            migrationBuilder.DropColumn(
                name: "projects",
                table: "api_keys");

            migrationBuilder.AddPrimaryKey(
                name: "pk_prepared_images",
                table: "prepared_images",
                columns: new[] { "preprocessing", "source" });

            migrationBuilder.AddPrimaryKey(
                name: "pk_cam_rows",
                table: "cam_rows",
                columns: new[] { "classifier", "image" });

            migrationBuilder.CreateIndex(
                name: "ix_collections_name",
                table: "collections",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_checkpoints_name",
                table: "checkpoints",
                column: "name",
                unique: true);
        }
    }
}
