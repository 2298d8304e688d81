using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;

namespace AgentPlatform.Cli.Following;

/// <summary>How a followed run is shown. Called from several threads.</summary>
internal interface IRunView
{
    /// <summary>Whether it wants to know what the steps print.</summary>
    bool WantsOutput { get; }

    /// <summary>Shows the run while <paramref name="follow"/> goes on, which calls the members below.</summary>
    Task ShowAsync(RunDetail run, Func<Task> follow);

    /// <summary>The run got an event.</summary>
    void Said(EventEnvelope said);

    /// <summary>A step printed a line.</summary>
    void Printed(StepId step, string line);

    /// <summary>The run has ended.</summary>
    void Ended(RunDetail run);
}
