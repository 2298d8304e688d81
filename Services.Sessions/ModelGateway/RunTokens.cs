using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Reviews;
using Microsoft.EntityFrameworkCore;
using Services.Sessions.Storage;

namespace Services.Sessions.ModelGateway;

/// <summary>Issues and knows the tokens that open the gateway. They go to hosts only, live as long as their session, and are kept as hashes.</summary>
internal sealed class RunTokens(IServiceScopeFactory scopes, TimeProvider time)
{
    private const int TokenBytes = 32;
    private const string Prefix = "apm_";

    public async Task<string> IssueAsync(StartReviewRequest request, TimeSpan life, CancellationToken cancellationToken)
    {
        var token = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SessionsDbContext>();
        db.ModelTokens.Add(new ModelTokenRow
        {
            Hash = Hash(token),
            SessionId = request.Session,
            RunId = request.Run,
            ExpiresAt = time.GetUtcNow() + life,
            TenantId = request.Owner.TenantId,
            OwnerTeam = request.Owner.OwnerTeam,
            CreatedBy = request.Owner.CreatedBy,
        });
        await db.SaveChangesAsync(cancellationToken);
        return token;
    }

    /// <summary>The token's row, or null if it is none of ours or has ended.</summary>
    public async Task<ModelTokenRow?> FindAsync(string? token, CancellationToken cancellationToken)
    {
        if (token is null || !token.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var (hash, now) = (Hash(token), time.GetUtcNow());
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SessionsDbContext>();
        return await db.ModelTokens.AsNoTracking().SingleOrDefaultAsync(row => row.Hash == hash && row.ExpiresAt > now, cancellationToken);
    }

    public async Task RevokeAsync(SessionId session, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SessionsDbContext>();
        await db.ModelTokens.Where(row => row.SessionId == session).ExecuteDeleteAsync(cancellationToken);
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
