using System.Text.Json;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>How a parameter gets its value where configuration names none.</summary>
public abstract class ParameterDefault
{
    /// <summary>Makes a value.</summary>
    /// <returns>The value.</returns>
    public abstract string GetDefaultValue();

    /// <summary>Writes the rule into the manifest, as members of the <c>default</c> object.</summary>
    /// <param name="writer">The manifest.</param>
    internal abstract void WriteToManifest(Utf8JsonWriter writer);
}
