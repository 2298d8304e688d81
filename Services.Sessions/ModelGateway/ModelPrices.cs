namespace Services.Sessions.ModelGateway;

/// <summary>Tokens of one call. Input counts everything that was read, from the provider's cache or not.</summary>
internal readonly record struct ModelUsage(long InputTokens, long OutputTokens);

/// <summary>
/// List prices in US dollars for a million tokens, by the beginning of the model's name. An estimate for budgets and dashboards; the
/// provider's bill is what counts. A model that is not listed has no price, rather than a wrong one.
/// </summary>
internal static class ModelPrices
{
    private const decimal Million = 1_000_000m;

    private static readonly (string Prefix, decimal Input, decimal Output)[] Prices =
    [
        ("claude-opus-4", 15m, 75m),
        ("claude-sonnet-4", 3m, 15m),
        ("claude-3-7-sonnet", 3m, 15m),
        ("claude-3-5-sonnet", 3m, 15m),
        ("claude-3-5-haiku", 0.80m, 4m),
        ("claude-haiku-4", 1m, 5m),
    ];

    public static decimal? Of(string model, ModelUsage usage)
    {
        foreach (var (prefix, input, output) in Prices)
        {
            if (model.StartsWith(prefix, StringComparison.Ordinal))
            {
                return ((usage.InputTokens * input) + (usage.OutputTokens * output)) / Million;
            }
        }

        return null;
    }
}
