using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Factory.Storage.Provenance.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class LesionMasks : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "lesions",
                table: "collection_images",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "lesions",
                table: "checkpoints",
                type: "TEXT",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "lesions",
                table: "collection_images");

            migrationBuilder.DropColumn(
                name: "lesions",
                table: "checkpoints");
        }
    }
}
