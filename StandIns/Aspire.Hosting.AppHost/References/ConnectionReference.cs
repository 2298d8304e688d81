using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.References;

/// <summary>The variables by which a resource learns a connection string.</summary>
internal static class ConnectionReference
{
    public static void Write(EnvironmentCallbackContext context, IResourceWithConnectionString source, string? connectionName, bool optional)
    {
        var flags = context.Resource.InjectedReferences();
        var name = connectionName ?? source.Name;

        if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.ConnectionString))
        {
            var variable = source.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}";
            context.EnvironmentVariables[variable] = new ConnectionStringReference(source, optional);
        }

        if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.ConnectionProperties))
        {
            foreach (var (property, value) in source.GetConnectionProperties())
            {
                context.EnvironmentVariables[$"{VariableName.Encode(name)}_{VariableName.Encode(property)}"] = value;
            }
        }
    }

    public static ReferenceEnvironmentInjectionFlags InjectedReferences(this IResource resource) =>
        resource.Annotations.OfType<ReferenceEnvironmentInjectionAnnotation>().LastOrDefault()?.Flags ?? ReferenceEnvironmentInjectionFlags.All;
}
