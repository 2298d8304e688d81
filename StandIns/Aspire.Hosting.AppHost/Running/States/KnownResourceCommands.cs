namespace Aspire.Hosting.ApplicationModel;

/// <summary>The commands that every process takes.</summary>
public static class KnownResourceCommands
{
    /// <summary>Starts what does not run.</summary>
    public static readonly string StartCommand = "start";

    /// <summary>Stops what runs.</summary>
    public static readonly string StopCommand = "stop";

    /// <summary>Stops and starts what runs.</summary>
    public static readonly string RestartCommand = "restart";

    /// <summary>Until 13.1 the commands were called <c>resource-start</c> and so on; both names are understood.</summary>
    private const string FormerPrefix = "resource-";

    internal static string Normalize(string name) => name.StartsWith(FormerPrefix, StringComparison.Ordinal) ? name[FormerPrefix.Length..] : name;
}
