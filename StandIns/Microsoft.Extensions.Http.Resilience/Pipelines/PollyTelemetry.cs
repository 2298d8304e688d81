using System.Diagnostics;
using System.Diagnostics.Metrics;
using Polly.Telemetry;

namespace Microsoft.Extensions.Http.Resilience.Pipelines;

/// <summary>Turns Polly's events into the instruments of meter "Polly", by their published names and tags.</summary>
internal sealed class PollyTelemetry : TelemetryListener
{
    private static readonly Meter Meter = new("Polly", "1.0");
    private static readonly Counter<int> Events = Meter.CreateCounter<int>("resilience.polly.strategy.events");
    private static readonly Histogram<double> Attempts = Meter.CreateHistogram<double>("resilience.polly.strategy.attempt.duration", "ms");
    private static readonly Histogram<double> Pipelines = Meter.CreateHistogram<double>("resilience.polly.pipeline.duration", "ms");

    public static PollyTelemetry Listener { get; } = new();

    public override void Write<TResult, TArgs>(in TelemetryEventArguments<TResult, TArgs> args)
    {
        switch (args.Arguments)
        {
            case PipelineExecutedArguments executed when Pipelines.Enabled:
                Pipelines.Record(executed.Duration.TotalMilliseconds, Tags(args));
                break;
            case ExecutionAttemptArguments attempt when Attempts.Enabled:
                var tags = Tags(args);
                tags.Add("attempt.number", attempt.AttemptNumber);
                tags.Add("attempt.handled", attempt.Handled);
                Attempts.Record(attempt.Duration.TotalMilliseconds, tags);
                break;
            case PipelineExecutedArguments or ExecutionAttemptArguments or PipelineExecutingArguments:
                break;
            default:
                Events.Add(1, Tags(args));
                break;
        }
    }

    private static TagList Tags<TResult, TArgs>(in TelemetryEventArguments<TResult, TArgs> args)
    {
        TagList tags = new()
        {
            { "event.name", args.Event.EventName },
            { "event.severity", args.Event.Severity.ToString() },
            { "pipeline.name", args.Source.PipelineName },
            { "pipeline.instance", args.Source.PipelineInstanceName },
            { "strategy.name", args.Source.StrategyName },
        };
        if (args.Outcome?.Exception is { } exception)
        {
            tags.Add("exception.type", exception.GetType().FullName);
        }

        return tags;
    }
}
