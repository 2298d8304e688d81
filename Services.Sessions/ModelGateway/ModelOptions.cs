using System.ComponentModel.DataAnnotations;

namespace Services.Sessions.ModelGateway;

/// <summary>A provider of models, and the key that nothing outside this process ever sees.</summary>
internal sealed class AnthropicOptions
{
    public const string Section = "Models:Anthropic";

    /// <summary>Base address; <c>v1/messages</c> is appended.</summary>
    public Uri BaseUrl { get; set; } = new("https://api.anthropic.com/");

    /// <summary>The key. Without it every model call is refused with a clear answer.</summary>
    public string? ApiKey { get; set; }
}

/// <summary>What one run may use.</summary>
internal sealed class ModelBudgetOptions
{
    public const string Section = "Models:Budget";

    /// <summary>Calls of one session.</summary>
    [Range(1, 100_000)]
    public int CallsMax { get; set; } = 500;

    /// <summary>Input and output tokens of one session together.</summary>
    [Range(1_000, 1_000_000_000)]
    public long TokensMax { get; set; } = 5_000_000;

    /// <summary>Model names that may be used, as prefixes; empty for all.</summary>
    public IList<string> AllowedModels { get; } = [];
}
