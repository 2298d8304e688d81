using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Services.Webhooks.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Deliveries : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "webhooks");

            migrationBuilder.CreateTable(
                name: "deliveries",
                schema: "webhooks",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    delivery_guid = table.Column<Guid>(type: "uuid", nullable: false),
                    body_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false),
                    body_length = table.Column<int>(type: "integer", nullable: false),
                    format = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    source = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    @event = table.Column<string>(name: "event", type: "character varying(64)", maxLength: 64, nullable: false),
                    action = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    installation_id = table.Column<long>(type: "bigint", nullable: true),
                    repository_id = table.Column<long>(type: "bigint", nullable: true),
                    repository = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    pull_request = table.Column<long>(type: "bigint", nullable: true),
                    head_sha = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    state = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    attempt = table.Column<int>(type: "integer", nullable: false),
                    publish_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    republished = table.Column<int>(type: "integer", nullable: false),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    settled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    cause = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: true),
                    duplicate_of = table.Column<Guid>(type: "uuid", nullable: true),
                    traceparent = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    owner_team = table.Column<Guid>(type: "uuid", nullable: true),
                    created_by = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_deliveries", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "hook_sweeps",
                schema: "webhooks",
                columns: table => new
                {
                    app = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    sweep_top_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    cursor = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    etag = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    lease_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    owner_team = table.Column<Guid>(type: "uuid", nullable: true),
                    created_by = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_hook_sweeps", x => x.app);
                });

            migrationBuilder.CreateIndex(
                name: "ix_deliveries_body_hash_delivery_guid",
                schema: "webhooks",
                table: "deliveries",
                columns: new[] { "body_hash", "delivery_guid" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_deliveries_delivery_guid",
                schema: "webhooks",
                table: "deliveries",
                column: "delivery_guid");

            migrationBuilder.CreateIndex(
                name: "ix_deliveries_publish_at",
                schema: "webhooks",
                table: "deliveries",
                column: "publish_at",
                filter: "state = 'pending'");

            // Bodies come deflated: to compress them once more would only cost time.
            migrationBuilder.Sql("ALTER TABLE webhooks.deliveries ALTER COLUMN body SET STORAGE EXTERNAL;");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "deliveries",
                schema: "webhooks");

            migrationBuilder.DropTable(
                name: "hook_sweeps",
                schema: "webhooks");
        }
    }
}
