using System.Globalization;

namespace Services.Wsl2Host.Hosting;

/// <summary>Understands the names and units of the settings that came before this service's own, which win where both are there.</summary>
internal static class SeedNames
{
    private static readonly (string Name, string Key, Func<string, string?> Convert)[] Known =
    [
        ("WSL2_MAX_INSTANCES", $"{Wsl2HostOptions.Section}:{nameof(Wsl2HostOptions.MaxInstances)}", text => text),
        ("WSL2_INSTANCE_TIMEOUT", $"{Wsl2HostOptions.Section}:{nameof(Wsl2HostOptions.InstanceLife)}", Milliseconds),
    ];

    /// <summary>Adds what was set under the older names under ours.</summary>
    public static void Translate(ConfigurationManager configuration)
    {
        Dictionary<string, string?> translated = new(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, key, convert) in Known)
        {
            if (configuration[name] is { Length: > 0 } value && configuration[key] is null)
            {
                // What cannot be read is passed on, so that validation names it.
                translated[key] = convert(value) ?? value;
            }
        }

        if (translated.Count > 0)
        {
            configuration.AddInMemoryCollection(translated);
        }
    }

    private static string? Milliseconds(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? TimeSpan.FromMilliseconds(number).ToString("c", CultureInfo.InvariantCulture) : null;
}
