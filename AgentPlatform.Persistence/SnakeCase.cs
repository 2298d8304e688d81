using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace AgentPlatform.Persistence;

/// <summary>Names as Postgres likes them, so that nothing needs quotes in SQL written by hand.</summary>
internal static class SnakeCase
{
    public static string Of(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    public static void ApplySnakeCase(this ModelBuilder model)
    {
        // Key and index names are made from column names, so all columns come first.
        var entities = model.Model.GetEntityTypes().ToList();
        entities.ForEach(NameColumns);
        entities.ForEach(NameConstraints);
    }

    private static void NameColumns(IMutableEntityType entity)
    {
        foreach (var property in entity.GetProperties())
        {
            property.SetColumnName(Of(property.Name));
            var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
            if (type.IsEnum)
            {
                property.SetValueConverter((ValueConverter)Activator.CreateInstance(typeof(SnakeCaseEnumConversion<>).MakeGenericType(type))!);
                property.SetMaxLength(SnakeCaseEnumConversion.LengthMax);
            }
        }
    }

    private static void NameConstraints(IMutableEntityType entity)
    {
        foreach (var key in entity.GetKeys())
        {
            key.SetName(key.GetName()?.ToLowerInvariant());
        }

        foreach (var key in entity.GetForeignKeys())
        {
            key.SetConstraintName(key.GetConstraintName()?.ToLowerInvariant());
        }

        foreach (var index in entity.GetIndexes())
        {
            index.SetDatabaseName(index.GetDatabaseName()?.ToLowerInvariant());
        }
    }
}

internal static class SnakeCaseEnumConversion
{
    public const int LengthMax = 40;
}

/// <summary>Keeps an enum as the snake_case text of its name, which SQL can read and which survives reordering.</summary>
/// <typeparam name="TEnum">The enum.</typeparam>
internal sealed class SnakeCaseEnumConversion<TEnum>() : ValueConverter<TEnum, string>(value => Texts[value], text => Values[text])
    where TEnum : struct, Enum
{
    private static readonly Dictionary<TEnum, string> Texts = Enum.GetValues<TEnum>().ToDictionary(value => value, value => SnakeCase.Of(value.ToString()));
    private static readonly Dictionary<string, TEnum> Values = Texts.ToDictionary(pair => pair.Value, pair => pair.Key);
}
