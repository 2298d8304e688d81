using AgentPlatform.Emulators.Control;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.Models.Control;

/// <summary>A call of a model API, with no header's value and no key.</summary>
/// <param name="Key"><c>valid</c>, <c>wrong</c> or <c>missing</c>.</param>
/// <param name="HeaderNames">The names of the headers that came with it.</param>
/// <param name="Prompt">The beginning of what was asked last.</param>
/// <param name="Answer">The beginning of what was answered: text, and tools by name.</param>
/// <param name="Status">Zero when the connection was broken on purpose.</param>
internal sealed record ModelCall(
    string Id, DateTimeOffset At, string Api, string Path, string Key, IReadOnlyList<string> HeaderNames, string? Model, bool Streamed,
    IReadOnlyList<string> Tools, int Outcomes,
    string Prompt, string Answer, int Status, int InputTokens, int OutputTokens, double Milliseconds);

/// <summary>The last calls of the model APIs.</summary>
internal sealed class ModelCalls(IOptions<ModelsOptions> options) : LastCalls<ModelCall>(options.Value.CallsMax)
{
    public const int ExcerptMax = 4_000;

    public static string Excerpt(string text) => text.Length <= ExcerptMax ? text : text[..ExcerptMax];
}
