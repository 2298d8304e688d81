using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.References;

/// <summary>The variables by which a resource learns a connection string.</summary>
internal static class ConnectionReference
{
    /// <param name="context">The environment that is being computed.</param>
    /// <param name="source">What the connection string reaches.</param>
    /// <param name="connectionName">Name under which it is passed; null stands for the source's.</param>
    /// <param name="optional">Whether there may be none.</param>
    /// <param name="flags">What the resource had chosen to be told when the reference was made.</param>
    public static void Write(
        EnvironmentCallbackContext context,
        IResourceWithConnectionString source,
        string? connectionName,
        bool optional,
        ReferenceEnvironmentInjectionFlags flags)
    {
        var name = connectionName ?? source.Name;

        if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.ConnectionString))
        {
            var variable = source.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}";
            context.EnvironmentVariables[variable] = new ConnectionStringReference(source, optional);
        }

        if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.ConnectionProperties))
        {
            var prefix = name.Length == 0 ? "" : VariableName.Encode(name).ToUpperInvariant() + "_";
            foreach (var (property, value) in source.GetConnectionProperties())
            {
                context.EnvironmentVariables[prefix + property.ToUpperInvariant()] = value;
            }
        }
    }

    public static ReferenceEnvironmentInjectionFlags InjectedReferences(this IResource resource) =>
        resource.Annotations.OfType<ReferenceEnvironmentInjectionAnnotation>().LastOrDefault()?.Flags ?? ReferenceEnvironmentInjectionFlags.All;
}
