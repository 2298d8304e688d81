namespace Aspire.Hosting;

/// <summary>What an app host may choose before its builder exists.</summary>
public sealed class DistributedApplicationOptions
{
    /// <summary>The command line: configuration switches and, for a publish operation, where to write.</summary>
    public string[]? Args { get; set; }

    /// <summary>Name of the app host's assembly; by default the process's entry assembly. Its metadata names the project directory.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>Whether to run without the dashboard. Waiting then stops at an unavailable dependency instead of waiting on.</summary>
    public bool DisableDashboard { get; set; }

    /// <summary>Whether addresses with plain http are accepted for the dashboard.</summary>
    public bool AllowUnsecuredTransport { get; set; }

    /// <summary>Whether the console output of resources is also written to the app host's log.</summary>
    public bool EnableResourceLogging { get; set; }

    /// <summary>Directory that relative paths start from, for app hosts whose assembly does not name one.</summary>
    internal string? ProjectDirectory { get; set; }
}
