using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Execution;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Publishing;

/// <summary>
/// Writes a model as Aspire's deployment manifest: the resources in the order of the model, then parameters that only
/// expressions speak of, each followed by its encoded copies, then texts that hang on a condition.
/// </summary>
/// <param name="writer">Where to.</param>
/// <param name="manifestDirectory">Directory of the manifest; paths in it are relative to this one.</param>
/// <param name="execution">Says that the application is being published.</param>
internal sealed class ManifestWriter(Utf8JsonWriter writer, string manifestDirectory, DistributedApplicationExecutionContext execution)
{
    private readonly ManifestBindings _bindings = new();

    public async Task WriteAsync(IResourceCollection resources, CancellationToken cancellationToken)
    {
        var references = new ManifestReferences(resources);
        writer.WriteStartObject();
        writer.WriteStartObject("resources");
        foreach (var resource in resources)
        {
            await WriteResourceAsync(resource, references, cancellationToken);
        }

        while (references.TryTakeUnwritten(out var resource))
        {
            await WriteResourceAsync(resource!, references, cancellationToken);
        }

        foreach (var parameter in references.ParametersWithCopies())
        {
            WriteCopies(parameter, references);
        }

        foreach (var conditional in references.Conditionals)
        {
            var text = await conditional.ChooseAsync(new ValueProviderContext { ExecutionContext = execution }, cancellationToken);
            WriteValue(conditional.Name, references.Text(text));
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        await writer.FlushAsync(cancellationToken);
    }

    private async Task WriteResourceAsync(IResource resource, ManifestReferences references, CancellationToken cancellationToken)
    {
        if (resource.Annotations.OfType<ExcludedFromManifestAnnotation>().Any())
        {
            return;
        }

        writer.WriteStartObject(resource.Name);
        switch (resource)
        {
            case ContainerResource container:
                await WriteContainerAsync(container, references, cancellationToken);
                break;
            case ProjectResource project:
                writer.WriteString("type", "project.v0");
                writer.WriteString("path", Relative(project.Annotations.OfType<IProjectMetadata>().Last().ProjectPath));
                await WriteProcessAsync(project, references, mounts: null, cancellationToken);
                break;
            case ExecutableResource executable:
                writer.WriteString("type", "executable.v0");
                WriteConnectionString(executable, references);
                writer.WriteString("workingDirectory", Relative(executable.WorkingDirectory));
                writer.WriteString("command", executable.Command);
                await WriteProcessAsync(executable, references, mounts: null, cancellationToken);
                break;
            case ParameterResource parameter:
                WriteParameter(parameter);
                break;
            case IResourceWithConnectionString:
                writer.WriteString("type", "value.v0");
                WriteConnectionString(resource, references);
                break;
            default:
                writer.WriteString("error", "This resource does not support generation in the manifest.");
                break;
        }

        writer.WriteEndObject();
        if (resource is ParameterResource written)
        {
            WriteCopies(written, references);
        }
    }

    private async Task WriteContainerAsync(ContainerResource container, ManifestReferences references, CancellationToken cancellationToken)
    {
        var image = container.Annotations.OfType<ContainerImageAnnotation>().LastOrDefault()
            ?? throw new DistributedApplicationException($"Could not get the container image name for resource '{container.Name}'.");
        writer.WriteString("type", "container.v0");
        WriteConnectionString(container, references);
        writer.WriteString("image", image.ToString());
        if (container.Entrypoint is not null)
        {
            writer.WriteString("entrypoint", container.Entrypoint);
        }

        await WriteProcessAsync(container, references, container.Annotations.OfType<ContainerMountAnnotation>(), cancellationToken);
    }

    /// <summary>What everything that runs has in common, in the order in which a manifest has it.</summary>
    private async Task WriteProcessAsync(
        IResource resource, ManifestReferences references, IEnumerable<ContainerMountAnnotation>? mounts, CancellationToken cancellationToken)
    {
        var callbacks = await ResourceCallbacks.RunAsync(resource, execution, NullLogger.Instance, cancellationToken);
        if (callbacks.Arguments.Count > 0)
        {
            writer.WriteStartArray("args");
            foreach (var argument in callbacks.Arguments)
            {
                writer.WriteStringValue(references.Text(argument));
            }

            writer.WriteEndArray();
        }

        WriteMounts(mounts ?? []);
        if (callbacks.Variables.Count > 0)
        {
            writer.WriteStartObject("env");
            foreach (var (name, value) in callbacks.Variables)
            {
                writer.WriteString(name, references.Text(value));
            }

            writer.WriteEndObject();
        }

        _bindings.Write(writer, resource);
    }

    private void WriteMounts(IEnumerable<ContainerMountAnnotation> mounts)
    {
        foreach (var kind in mounts.GroupBy(mount => mount.Type).OrderBy(kind => kind.Key))
        {
            var isBindMount = kind.Key == ContainerMountType.BindMount;
            writer.WriteStartArray(isBindMount ? "bindMounts" : "volumes");
            foreach (var mount in kind)
            {
                writer.WriteStartObject();
                if (mount.Source is not null)
                {
                    writer.WriteString(isBindMount ? "source" : "name", isBindMount ? Relative(mount.Source) : mount.Source);
                }

                writer.WriteString("target", isBindMount ? mount.Target.Replace('\\', '/') : mount.Target);
                writer.WriteBoolean("readOnly", mount.IsReadOnly);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }
    }

    private void WriteConnectionString(IResource resource, ManifestReferences references)
    {
        if (resource is IResourceWithConnectionString { ConnectionStringExpression: var expression })
        {
            writer.WriteString("connectionString", references.Text(expression));
        }
    }

    private void WriteParameter(ParameterResource parameter)
    {
        writer.WriteString("type", "parameter.v0");
        if (parameter.IsConnectionString)
        {
            writer.WriteString("connectionString", $"{{{parameter.Name}.value}}");
        }

        writer.WriteString("value", $"{{{parameter.Name}.inputs.value}}");
        writer.WriteStartObject("inputs");
        writer.WriteStartObject("value");
        writer.WriteString("type", "string");
        if (parameter.Secret)
        {
            writer.WriteBoolean("secret", true);
        }

        if (parameter.Default is not null)
        {
            writer.WriteStartObject("default");
            parameter.Default.WriteToManifest(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteCopies(ParameterResource parameter, ManifestReferences references)
    {
        foreach (var (name, filter) in references.TakeCopies(parameter))
        {
            writer.WriteStartObject(name);
            writer.WriteString("type", "annotated.string");
            writer.WriteString("value", parameter.ValueExpression);
            writer.WriteString("filter", filter);
            writer.WriteEndObject();
        }
    }

    private void WriteValue(string name, string text)
    {
        writer.WriteStartObject(name);
        writer.WriteString("type", "value.v0");
        writer.WriteString("connectionString", text);
        writer.WriteEndObject();
    }

    private string Relative(string path) => Path.GetRelativePath(manifestDirectory, path).Replace('\\', '/');
}
