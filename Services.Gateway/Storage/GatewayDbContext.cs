using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Services.Gateway.Audit;
using Services.Gateway.Keys;
using Services.Gateway.People;

namespace Services.Gateway.Storage;

/// <summary>Schema <c>gateway</c>.</summary>
internal sealed class GatewayDbContext(DbContextOptions<GatewayDbContext> options) : ServiceDbContext(options, ServiceNames.Gateway)
{
    public DbSet<PersonRow> People => Set<PersonRow>();

    public DbSet<TeamRow> Teams => Set<TeamRow>();

    public DbSet<TeamMemberRow> TeamMembers => Set<TeamMemberRow>();

    public DbSet<ApiKeyRow> ApiKeys => Set<ApiKeyRow>();

    public DbSet<AuditRow> Audit => Set<AuditRow>();

    protected override void DescribeTables(ModelBuilder model)
    {
        PersonRow.Describe(model.Entity<PersonRow>());
        TeamRow.Describe(model.Entity<TeamRow>());
        TeamMemberRow.Describe(model.Entity<TeamMemberRow>());
        ApiKeyRow.Describe(model.Entity<ApiKeyRow>());
        AuditRow.Describe(model.Entity<AuditRow>());
    }
}
