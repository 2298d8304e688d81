namespace Aspire.Hosting.ApplicationModel;

/// <summary>The ways in which a value may be changed on its way into a text: one, percent-encoding.</summary>
internal static class ValueFilter
{
    public const string Uri = "uri";

    public static void Validate(string filter)
    {
        if (!string.Equals(filter, Uri, StringComparison.OrdinalIgnoreCase))
        {
            throw new FormatException($"The format '{filter}' is not supported. Supported formats are: {Uri}");
        }
    }

    public static string Apply(string? filter, string value)
    {
        if (filter is null)
        {
            return value;
        }

        Validate(filter);
        return System.Uri.EscapeDataString(value);
    }
}
