using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Services.Sessions.Lifecycle;
using Services.Sessions.Profiles;

namespace Services.Sessions.Storage;

/// <summary>Schema <c>sessions</c>.</summary>
internal sealed class SessionsDbContext(DbContextOptions<SessionsDbContext> options) : ServiceDbContext(options, ServiceNames.Sessions)
{
    public DbSet<SessionRow> Sessions => Set<SessionRow>();

    public DbSet<ProfileRow> Profiles => Set<ProfileRow>();

    protected override void DescribeTables(ModelBuilder model)
    {
        SessionRow.Describe(model.Entity<SessionRow>());
        ProfileRow.Describe(model.Entity<ProfileRow>());
    }
}
