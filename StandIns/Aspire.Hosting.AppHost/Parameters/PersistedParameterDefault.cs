using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Parameters;

/// <summary>A default that is made once and kept in the app host's user secrets.</summary>
internal sealed class PersistedParameterDefault(ParameterDefault inner, UserSecrets secrets, string key) : ParameterDefault
{
    public override string GetDefaultValue() => secrets.GetOrAdd(key, inner.GetDefaultValue);

    internal override void WriteToManifest(Utf8JsonWriter writer) => inner.WriteToManifest(writer);
}
