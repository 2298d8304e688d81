using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Dashboard.Wire;
using Resource = Aspire.Hosting.Dashboard.Wire.Resource;

namespace AgentPlatform.Tests.StandIns.Dashboard;

/// <summary>An app host that a test plays: one resource whose console and commands the test holds in its hands.</summary>
internal sealed class ScriptedSource : IResourceServiceSource
{
    private readonly Channel<ConsoleLogLine> _console = Channel.CreateUnbounded<ConsoleLogLine>();
    private int _lines;

    public string ApplicationName => "Scripted";

    public ResourceFeed Resources { get; } = new();

    public List<ResourceCommandRequest> Commands { get; } = [];

    public static Resource NewResource(string name, string state) => new() { Name = name, DisplayName = name, ResourceType = "Project", Uid = name, State = state };

    public void Write(string text) => _console.Writer.TryWrite(new ConsoleLogLine { Text = text, LineNumber = ++_lines });

    public IAsyncEnumerable<IReadOnlyList<ConsoleLogLine>>? ReadConsole(string resourceName, bool follow, CancellationToken cancellationToken) =>
        resourceName == "web" ? ReadAsync(follow, cancellationToken) : null;

    public Task<ResourceCommandResponse> ExecuteAsync(ResourceCommandRequest request, CancellationToken cancellationToken)
    {
        Commands.Add(request);
        return Task.FromResult(new ResourceCommandResponse { Kind = ResourceCommandResponseKind.Succeeded });
    }

    private async IAsyncEnumerable<IReadOnlyList<ConsoleLogLine>> ReadAsync(bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (_console.Reader.TryRead(out var line) || (follow && await _console.Reader.WaitToReadAsync(cancellationToken)))
        {
            if (line is not null)
            {
                yield return [line];
            }
        }
    }
}
