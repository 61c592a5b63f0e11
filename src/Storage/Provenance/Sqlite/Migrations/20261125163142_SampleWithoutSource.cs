using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Factory.Storage.Provenance.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class SampleWithoutSource : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Earlier programs rebuilt the table in more than one transaction: one that was killed left its copy behind.
            migrationBuilder.Sql("DROP TABLE IF EXISTS \"ef_temp_samples\";");
            migrationBuilder.AlterColumn<long>(
                name: "source_image_id",
                table: "samples",
                type: "INTEGER",
                nullable: true,
                oldClrType: typeof(long),
                oldType: "INTEGER");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<long>(
                name: "source_image_id",
                table: "samples",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L,
                oldClrType: typeof(long),
                oldType: "INTEGER",
                oldNullable: true);
        }
    }
}
