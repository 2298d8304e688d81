using System.Text.Json;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that a manifest proposes.</summary>
internal sealed class PublishedParameterDefault(Func<string> value) : ParameterDefault
{
    public override string GetDefaultValue() => value();

    internal override void WriteToManifest(Utf8JsonWriter writer) => writer.WriteString("value", value());
}
