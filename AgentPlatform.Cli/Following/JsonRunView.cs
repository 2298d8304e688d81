using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;

namespace AgentPlatform.Cli.Following;

/// <summary>A run for programs: each event as it is, one on a line.</summary>
internal sealed class JsonRunView(TextWriter output) : IRunView
{
    public bool WantsOutput => false;

    public Task ShowAsync(RunDetail run, Func<Task> follow) => follow();

    public void Said(EventEnvelope said)
    {
        output.WriteLine(JsonSerializer.Serialize(said, ContractsJsonContext.Default.EventEnvelope));
        output.Flush();
    }

    public void Printed(StepId step, string line)
    {
    }

    public void Ended(RunDetail run)
    {
    }
}
