using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Factory.Storage.Provenance.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class RunPriority : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_work_items_run_id_state_not_before",
                table: "work_items");

            migrationBuilder.DropIndex(
                name: "ix_samples_partner_image_id",
                table: "samples");

            migrationBuilder.DropIndex(
                name: "ix_samples_source_image_id",
                table: "samples");

            migrationBuilder.AddColumn<string>(
                name: "priority",
                table: "runs",
                type: "TEXT",
                maxLength: 32,
                nullable: false,
                defaultValue: "Bulk");

            migrationBuilder.CreateTable(
                name: "workers",
                columns: table => new
                {
                    name = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    report = table.Column<string>(type: "TEXT", nullable: false),
                    sent_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    seen_at = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_workers", x => x.name);
                });

            migrationBuilder.CreateIndex(
                name: "ix_work_items_run_id_state_run_step_id_ordinal",
                table: "work_items",
                columns: new[] { "run_id", "state", "run_step_id", "ordinal" });

            migrationBuilder.CreateIndex(
                name: "ix_samples_partner_image_id_work_item_id_index",
                table: "samples",
                columns: new[] { "partner_image_id", "work_item_id", "index" },
                filter: "partner_image_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_samples_source_image_id_work_item_id_index",
                table: "samples",
                columns: new[] { "source_image_id", "work_item_id", "index" });

            migrationBuilder.CreateIndex(
                name: "ix_workers_seen_at",
                table: "workers",
                column: "seen_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "workers");

            migrationBuilder.DropIndex(
                name: "ix_work_items_run_id_state_run_step_id_ordinal",
                table: "work_items");

            migrationBuilder.DropIndex(
                name: "ix_samples_partner_image_id_work_item_id_index",
                table: "samples");

            migrationBuilder.DropIndex(
                name: "ix_samples_source_image_id_work_item_id_index",
                table: "samples");

            migrationBuilder.DropColumn(
                name: "priority",
                table: "runs");

            migrationBuilder.CreateIndex(
                name: "ix_work_items_run_id_state_not_before",
                table: "work_items",
                columns: new[] { "run_id", "state", "not_before" });

            migrationBuilder.CreateIndex(
                name: "ix_samples_partner_image_id",
                table: "samples",
                column: "partner_image_id");

            migrationBuilder.CreateIndex(
                name: "ix_samples_source_image_id",
                table: "samples",
                column: "source_image_id");
        }
    }
}
