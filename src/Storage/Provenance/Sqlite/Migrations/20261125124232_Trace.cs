using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Factory.Storage.Provenance.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Trace : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "lineage_told",
                table: "runs",
                type: "TEXT",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "trace_parent",
                table: "runs",
                type: "TEXT",
                maxLength: 55,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "lineage_told",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "trace_parent",
                table: "runs");
        }
    }
}
