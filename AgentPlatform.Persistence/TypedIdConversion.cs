using AgentPlatform.Contracts;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace AgentPlatform.Persistence;

/// <summary>Keeps a typed id as the bare <c>uuid</c>.</summary>
/// <typeparam name="TId">The id.</typeparam>
internal sealed class TypedIdConversion<TId>() : ValueConverter<TId, Guid>(id => id.Value, value => Restore(value))
    where TId : struct, ITypedId<TId>
{
    private static TId Restore(Guid value) => TId.From(value);
}

internal static class TypedIdConversion
{
    /// <summary>Every id type of the contracts.</summary>
    public static IReadOnlyList<Type> Ids { get; } =
    [
        .. typeof(RunId).Assembly.GetExportedTypes().Where(type => type.IsValueType
            && Array.Exists(type.GetInterfaces(), face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(ITypedId<>))),
    ];
}
