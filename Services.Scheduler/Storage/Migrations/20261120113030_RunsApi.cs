using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Services.Scheduler.Storage.Migrations
{
    /// <inheritdoc />
    public partial class RunsApi : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "idempotency_keys",
                schema: "scheduler",
                columns: table => new
                {
                    key = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    created_by = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    request_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    runs = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    owner_team = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_idempotency_keys", x => new { x.tenant_id, x.created_by, x.key });
                });

            migrationBuilder.CreateIndex(
                name: "ix_spans_open",
                schema: "scheduler",
                table: "spans",
                column: "run_id",
                filter: "ended_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_runs_repository",
                schema: "scheduler",
                table: "runs",
                columns: new[] { "repository", "queued_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_idempotency_keys_created_at",
                schema: "scheduler",
                table: "idempotency_keys",
                column: "created_at");

            // EF knows no index on an expression. A span is put to its runs by the trace id within their traceparent.
            migrationBuilder.Sql("CREATE INDEX ix_runs_trace ON scheduler.runs (substr(traceparent, 4, 32)) WHERE traceparent IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP INDEX scheduler.ix_runs_trace");
            migrationBuilder.DropTable(
                name: "idempotency_keys",
                schema: "scheduler");

            migrationBuilder.DropIndex(
                name: "ix_spans_open",
                schema: "scheduler",
                table: "spans");

            migrationBuilder.DropIndex(
                name: "ix_runs_repository",
                schema: "scheduler",
                table: "runs");
        }
    }
}
