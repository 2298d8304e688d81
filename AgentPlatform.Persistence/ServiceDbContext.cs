using Microsoft.EntityFrameworkCore;

namespace AgentPlatform.Persistence;

/// <summary>
/// A service's own part of the database: one schema, named as the service is, with the same conventions everywhere. Ids are <c>uuid</c>,
/// enums are <c>snake_case</c> text, times are <c>timestamptz</c>, and tables, columns, keys and indexes have <c>snake_case</c> names.
/// </summary>
/// <param name="options">Given by the container.</param>
/// <param name="schema">The schema, which is also the database role's name.</param>
public abstract class ServiceDbContext(DbContextOptions options, string schema) : DbContext(options)
{
    /// <summary>Describes the tables. Names and conversions are applied afterwards.</summary>
    protected abstract void DescribeTables(ModelBuilder model);

    /// <inheritdoc/>
    protected sealed override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);
        foreach (var id in TypedIdConversion.Ids)
        {
            configurationBuilder.Properties(id).HaveConversion(typeof(TypedIdConversion<>).MakeGenericType(id));
        }
    }

    /// <inheritdoc/>
    protected sealed override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.HasDefaultSchema(schema);
        DescribeTables(modelBuilder);
        modelBuilder.ApplyOwnership();
        modelBuilder.ApplySnakeCase();
    }
}
