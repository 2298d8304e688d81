using System.Runtime.CompilerServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Wire;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Dashboard;

/// <summary>The running application, as the resource service serves it.</summary>
internal sealed class AppHostSource(
    ResourceNotificationService notifications,
    ResourceLoggerService consoles,
    ResourceCommandService commands,
    DistributedApplicationModel model,
    IHostEnvironment environment,
    TimeProvider time) : IResourceServiceSource
{
    private const string AppHostSuffix = ".AppHost";
    private readonly SecretMask _mask = new();

    public string ApplicationName { get; } = environment.ApplicationName.EndsWith(AppHostSuffix, StringComparison.OrdinalIgnoreCase)
        ? environment.ApplicationName[..^AppHostSuffix.Length]
        : environment.ApplicationName;

    public ResourceFeed Resources { get; } = new();

    /// <summary>Keeps values of the app host's own out of sight.</summary>
    public void Hide(IEnumerable<string?> secrets)
    {
        foreach (var secret in secrets)
        {
            _mask.Add(secret);
        }
    }

    /// <summary>A text without the secrets that are known by now.</summary>
    public string Masked(string text) => _mask.Apply(text);

    /// <summary>Feeds every change of every resource in, until cancelled.</summary>
    public async Task FeedAsync(CancellationToken cancellationToken)
    {
        var messages = new ResourceMessages(_mask, time.GetUtcNow());
        var unknown = SecretParameters(model);
        await foreach (var change in notifications.WatchAsync(cancellationToken))
        {
            await LearnSecretsAsync(unknown, cancellationToken);
            Resources.Upsert(messages.Create(change));
        }
    }

    public IAsyncEnumerable<IReadOnlyList<ConsoleLogLine>>? ReadConsole(string resourceName, bool follow, CancellationToken cancellationToken) =>
        Resources.Contains(resourceName) ? ReadConsoleAsync(resourceName, follow, cancellationToken) : null;

    public async Task<ResourceCommandResponse> ExecuteAsync(ResourceCommandRequest request, CancellationToken cancellationToken)
    {
        var result = await commands.ExecuteCommandAsync(request.ResourceName, request.CommandName, cancellationToken);
        var response = new ResourceCommandResponse
        {
            Kind = result switch
            {
                { Success: true } => ResourceCommandResponseKind.Succeeded,
                { Canceled: true } => ResourceCommandResponseKind.Cancelled,
                _ => ResourceCommandResponseKind.Failed,
            },
        };
        if (result.Message is { } message)
        {
            response.Message = _mask.Apply(message);
        }

        return response;
    }

    private async IAsyncEnumerable<IReadOnlyList<ConsoleLogLine>> ReadConsoleAsync(
        string resourceName, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batches = follow ? consoles.WatchAsync(resourceName) : consoles.GetAllAsync(resourceName);
        await foreach (var batch in batches.WithCancellation(cancellationToken))
        {
            yield return [.. batch.Select(line => new ConsoleLogLine
            {
                LineNumber = line.LineNumber,
                Text = _mask.Apply(line.Content),
                IsStdErr = line.IsErrorMessage,
            })];
        }
    }

    /// <summary>
    /// A parameter's value may be supplied at any time, so it is asked for again as long as it is missing: before a snapshot
    /// leaves that may hold it.
    /// </summary>
    private async Task LearnSecretsAsync(HashSet<ParameterResource> unknown, CancellationToken cancellationToken)
    {
        foreach (var parameter in unknown.ToArray())
        {
            try
            {
                _mask.Add(await parameter.GetValueAsync(cancellationToken));
                unknown.Remove(parameter);
            }
            catch (DistributedApplicationException)
            {
                // Without a value there is nothing to hide.
            }
        }
    }

    /// <summary>The secret parameters of the model, and those that only its connection strings know, such as generated passwords.</summary>
    private static HashSet<ParameterResource> SecretParameters(DistributedApplicationModel model)
    {
        var secrets = new HashSet<ParameterResource>();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Stack<object>(model.Resources);
        while (open.TryPop(out var value))
        {
            if (!seen.Add(value))
            {
                continue;
            }

            if (value is ParameterResource { Secret: true } secret)
            {
                secrets.Add(secret);
            }

            IEnumerable<object> connection = value is IResourceWithConnectionString connected ? [connected.ConnectionStringExpression] : [];
            foreach (var part in value is IValueWithReferences composed ? connection.Concat(composed.References) : connection)
            {
                open.Push(part);
            }
        }

        return secrets;
    }
}
