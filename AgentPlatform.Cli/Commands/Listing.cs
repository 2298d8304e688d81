using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentPlatform.Contracts;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AgentPlatform.Cli.Commands;

/// <summary>What the commands that list have in common: which page is asked for, and how a page is shown.</summary>
internal sealed class Listing(int defaultLimit)
{
    /// <summary><c>--limit</c>.</summary>
    public Option<int> Limit { get; } = new("--limit") { Description = $"How many, at most {PageLimits.Max}.", DefaultValueFactory = _ => defaultLimit };

    /// <summary><c>--cursor</c>.</summary>
    public Option<string?> Cursor { get; } = new("--cursor") { Description = "Go on behind a page; the page says its cursor as next." };

    /// <summary>Shows a page as JSON, or as a table that says where it goes on.</summary>
    /// <param name="context">Where to.</param>
    /// <param name="page">What.</param>
    /// <param name="type">How it is written as JSON.</param>
    /// <param name="columns">The table's head.</param>
    /// <param name="row">The cells of an item, one for each column.</param>
    public static void Show<T>(CommandContext context, Page<T> page, JsonTypeInfo<Page<T>> type, string[] columns, Func<T, IRenderable[]> row)
    {
        if (context.Json)
        {
            context.Output.WriteLine(JsonSerializer.Serialize(page, type));
            return;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumns(columns);
        foreach (var item in page.Items)
        {
            table.AddRow(row(item));
        }

        context.Console.Write(table);
        if (page.Next is { } next)
        {
            context.Console.MarkupLineInterpolated($"[grey]more: --cursor {next}[/]");
        }
    }

    /// <summary>A cell of text, as it is.</summary>
    public static IRenderable Cell(string text) => new Text(text);

    /// <summary>A cell of a moment, by the clock on this wall.</summary>
    public static IRenderable Cell(DateTimeOffset time) => new Text(time.ToLocalTime().ToString("g", CultureInfo.CurrentCulture));
}
