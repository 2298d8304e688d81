using Aspire.Hosting.Dashboard.Wire;

namespace Aspire.Hosting.Dashboard;

/// <summary>What the resource service serves: the app host's side of the dashboard.</summary>
internal interface IResourceServiceSource
{
    /// <summary>The name in the dashboard's title.</summary>
    string ApplicationName { get; }

    /// <summary>The resources and their changes.</summary>
    ResourceFeed Resources { get; }

    /// <summary>
    /// The kept console lines of a resource, oldest first, then those that it writes until the caller cancels; without
    /// <paramref name="follow"/> only those kept. Null when there is no such resource.
    /// </summary>
    IAsyncEnumerable<IReadOnlyList<ConsoleLogLine>>? ReadConsole(string resourceName, bool follow, CancellationToken cancellationToken);

    /// <summary>Carries out a command. What went wrong is in the response, not in an exception.</summary>
    Task<ResourceCommandResponse> ExecuteAsync(ResourceCommandRequest request, CancellationToken cancellationToken);
}
