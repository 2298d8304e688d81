using AgentPlatform.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Services.Sessions.Storage;

namespace Services.Sessions.ModelGateway;

/// <summary>What a session has used.</summary>
internal sealed record SpendTotal(long InputTokens, long OutputTokens, decimal? CostUsd);

/// <summary>The ledger of model use. A call is entered before it is made, so that many at once cannot pass the budget together.</summary>
internal sealed class Spend(IServiceScopeFactory scopes, IOptionsMonitor<ModelBudgetOptions> options, TimeProvider time)
{
    public static async Task<SpendTotal> OfAsync(SessionsDbContext db, SessionId session, CancellationToken cancellationToken)
    {
        var rows = db.Spend.Where(row => row.SessionId == session);
        var total = await rows.GroupBy(_ => 1).Select(all => new { Input = all.Sum(row => row.InputTokens), Output = all.Sum(row => row.OutputTokens), Cost = all.Sum(row => row.CostUsd) })
            .SingleOrDefaultAsync(cancellationToken);
        return new SpendTotal(total?.Input ?? 0, total?.Output ?? 0, total?.Cost);
    }

    /// <summary>Enters a call.</summary>
    /// <returns>Its number in the ledger, or null if the session's budget is used up.</returns>
    public async Task<long?> ReserveAsync(ModelTokenRow token, string provider, string model, long outputMax, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SessionsDbContext>();
        return await db.Database.CreateExecutionStrategy().ExecuteAsync<long?>(async () =>
        {
            db.ChangeTracker.Clear();
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var key = $"agentplatform/spend/{token.SessionId}";
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({key}, 0))", cancellationToken);
            var used = await db.Spend.Where(row => row.SessionId == token.SessionId).GroupBy(_ => 1)
                .Select(all => new { Calls = all.Count(), Tokens = all.Sum(row => row.InputTokens + row.OutputTokens + row.ReservedTokens) })
                .SingleOrDefaultAsync(cancellationToken);
            var budget = options.CurrentValue;
            if ((used?.Calls ?? 0) >= budget.CallsMax || (used?.Tokens ?? 0) + outputMax > budget.TokensMax)
            {
                return null;
            }

            var row = new SpendRow
            {
                SessionId = token.SessionId,
                RunId = token.RunId,
                Provider = provider,
                Model = model,
                ReservedTokens = outputMax,
                StartedAt = time.GetUtcNow(),
                TenantId = token.TenantId,
                OwnerTeam = token.OwnerTeam,
                CreatedBy = token.CreatedBy,
            };
            db.Spend.Add(row);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return row.Id;
        });
    }

    /// <summary>Writes what the call came to; the reservation is given back.</summary>
    public async Task SettleAsync(long id, string model, ModelUsage usage, int status, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SessionsDbContext>();
        await db.Spend.Where(row => row.Id == id).ExecuteUpdateAsync(
            row => row
                .SetProperty(item => item.ReservedTokens, 0)
                .SetProperty(item => item.InputTokens, usage.InputTokens)
                .SetProperty(item => item.OutputTokens, usage.OutputTokens)
                .SetProperty(item => item.CostUsd, ModelPrices.Of(model, usage))
                .SetProperty(item => item.Status, status)
                .SetProperty(item => item.SettledAt, time.GetUtcNow()),
            cancellationToken);
    }
}
