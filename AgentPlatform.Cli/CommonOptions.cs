using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics.CodeAnalysis;

namespace AgentPlatform.Cli;

/// <summary>For whom the output is.</summary>
internal enum OutputFormat
{
    /// <summary>People.</summary>
    Text,

    /// <summary>Programs.</summary>
    Json,
}

/// <summary>Options that every command has.</summary>
internal static class CommonOptions
{
    private const string Variable = "AGENTPLATFORM_URL";
    private const string DefaultServer = "http://localhost:5080";

    public static Option<string?> Server { get; } = new("--server")
    {
        Description = $"The platform's address; else {Variable}, else {DefaultServer}.",
        Recursive = true,
    };

    public static Option<OutputFormat> Format { get; } = new("--format")
    {
        Description = "text, or json: then nothing else is written to standard output.",
        Recursive = true,
        CustomParser = ParseFormat,
    };

    private static OutputFormat ParseFormat(ArgumentResult result)
    {
        if (result.Tokens is [{ Value: var text }] && Enum.TryParse<OutputFormat>(text, ignoreCase: true, out var format) && Enum.IsDefined(format) && char.IsAsciiLetter(text[0]))
        {
            return format;
        }

        result.AddError("--format is text or json.");
        return default;
    }

    public static bool TryReadServer(ParseResult parsed, [NotNullWhen(true)] out Uri? address)
    {
        var text = parsed.GetValue(Server) ?? Environment.GetEnvironmentVariable(Variable);
        text = string.IsNullOrWhiteSpace(text) ? DefaultServer : text;
        if (!Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out address) || address.Scheme is not ("http" or "https"))
        {
            address = null;
        }

        return address is not null;
    }
}
