using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Services.Webhooks.Storage;

/// <summary>Schema <c>webhooks</c>.</summary>
internal sealed class WebhooksDbContext(DbContextOptions<WebhooksDbContext> options) : ServiceDbContext(options, ServiceNames.Webhooks)
{
    protected override void DescribeTables(ModelBuilder model)
    {
    }
}
