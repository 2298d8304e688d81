using System.ComponentModel.DataAnnotations;

namespace AgentPlatform.Emulators.Models;

/// <summary>The emulated model providers.</summary>
internal sealed class ModelsOptions
{
    public const string Section = "Emulators:Models";

    /// <summary>
    /// The key that calls must carry. A call without it, or with another, is refused and recorded as such, so that a key which
    /// was lost on the way, or reached a place where it does not belong, is seen.
    /// </summary>
    [Required]
    [MinLength(8)]
    public string ApiKey { get; set; } = "emulator-model-key";

    /// <summary>Calls kept for inspection.</summary>
    [Range(1, 100_000)]
    public int CallsMax { get; set; } = 1_000;

    /// <summary>The largest request taken, in bytes; Anthropic's limit is 32 MB.</summary>
    [Range(1_024, 1 << 30)]
    public int RequestBytesMax { get; set; } = 32 * 1024 * 1024;
}
