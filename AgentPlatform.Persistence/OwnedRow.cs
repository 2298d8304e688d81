using AgentPlatform.Contracts;
using Microsoft.EntityFrameworkCore;

namespace AgentPlatform.Persistence;

/// <summary>A row that says whose it is. Every table's rows do.</summary>
public interface IOwnedRow
{
    /// <summary>The tenant.</summary>
    TenantId TenantId { get; }

    /// <summary>The team whose members see it; null for what belongs to the tenant as a whole.</summary>
    TeamId? OwnerTeam { get; }

    /// <summary>Who caused it, see <see cref="Ownership.CreatedBy"/>; at most 200 characters.</summary>
    string CreatedBy { get; }
}

internal static class OwnedRows
{
    private const int CreatedByMax = 200;

    /// <summary>Makes the three columns on every table, and refuses a table that lacks them.</summary>
    public static void ApplyOwnership(this ModelBuilder model)
    {
        foreach (var entity in model.Model.GetEntityTypes())
        {
            if (!entity.ClrType.IsAssignableTo(typeof(IOwnedRow)))
            {
                throw new InvalidOperationException($"{entity.DisplayName()} must be an {nameof(IOwnedRow)}: every row says whose it is.");
            }

            model.Entity(entity.ClrType).Property(nameof(IOwnedRow.CreatedBy)).HasMaxLength(CreatedByMax).IsRequired();
        }
    }
}
