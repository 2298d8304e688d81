using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Services.Sessions.Events;
using Services.Sessions.Lifecycle;
using Services.Sessions.ModelGateway;
using Services.Sessions.Profiles;
using Services.Sessions.Reviews;

namespace Services.Sessions.Storage;

/// <summary>Schema <c>sessions</c>.</summary>
internal sealed class SessionsDbContext(DbContextOptions<SessionsDbContext> options) : ServiceDbContext(options, ServiceNames.Sessions)
{
    public DbSet<SessionRow> Sessions => Set<SessionRow>();

    public DbSet<ReviewRow> Reviews => Set<ReviewRow>();

    public DbSet<SessionEventRow> SessionEvents => Set<SessionEventRow>();

    public DbSet<ModelTokenRow> ModelTokens => Set<ModelTokenRow>();

    public DbSet<SpendRow> Spend => Set<SpendRow>();

    public DbSet<ProfileRow> Profiles => Set<ProfileRow>();

    protected override void DescribeTables(ModelBuilder model)
    {
        SessionRow.Describe(model.Entity<SessionRow>());
        ReviewRow.Describe(model.Entity<ReviewRow>());
        SessionEventRow.Describe(model.Entity<SessionEventRow>());
        ModelTokenRow.Describe(model.Entity<ModelTokenRow>());
        SpendRow.Describe(model.Entity<SpendRow>());
        ProfileRow.Describe(model.Entity<ProfileRow>());
    }
}
