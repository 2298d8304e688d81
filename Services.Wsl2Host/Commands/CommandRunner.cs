using System.Diagnostics;
using System.Text.RegularExpressions;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.ServiceDefaults.Failpoints;
using Microsoft.Extensions.Options;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Hosting;
using Services.Wsl2Host.Instances;

namespace Services.Wsl2Host.Commands;

/// <summary>Starts commands and watches over their time. A span stands for each from its start to its end.</summary>
internal sealed partial class CommandRunner(
    InstanceKeeper instances, IInstanceDriver driver, IOptions<Wsl2HostOptions> options, TimeProvider time, ILogger<CommandRunner> logger)
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const int NameLengthMax = 200;

    private readonly Wsl2HostOptions _options = options.Value;

    /// <summary>Starts a command, or finds it as it is.</summary>
    /// <returns>The command, and whether this call started it.</returns>
    public Task<(HostCommand Command, bool Created)> StartAsync(InstanceId instance, StartCommandRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        return instances.WithAsync(instance, request.Generation, async held =>
        {
            var known = driver.Commands(instance).FirstOrDefault(command => command.Id == request.Id);
            if (known is not null)
            {
                return known.Argv.SequenceEqual(request.Argv)
                    ? (View(instance, known), false)
                    : throw HostRefusal.Conflict(HostProblemCodes.IdReused, $"Command {request.Id} is known with other arguments.");
            }

            held.MustRun();
            if (driver.Commands(instance).Count >= _options.CommandsPerInstanceMax)
            {
                throw HostRefusal.Conflict(HostProblemCodes.TooManyCommands, $"The instance has had {_options.CommandsPerInstanceMax} commands.");
            }

            var traceparent = Activity.Current?.Id;
            var span = Begin(instance, request.Id, request.Name, traceparent, startedAt: default);

            // Once it is written down it is started, whether or not the caller still waits.
            var started = await driver.StartAsync(instance, Spec(held, request, traceparent), CancellationToken.None);
            _ = SuperviseAsync(instance, started, span);
            await Failpoint.PassAsync(FailpointNames.CommandLaunched);
            return (View(instance, started), true);
        }, cancellationToken);
    }

    /// <summary>Watches over commands that an earlier process started.</summary>
    public void TakeUp()
    {
        foreach (var held in instances.All)
        {
            foreach (var command in driver.Commands(held.Id).Where(command => command.End is null))
            {
                _ = SuperviseAsync(held.Id, command, Begin(held.Id, command.Id, command.Name, command.Traceparent, command.StartedAt));
            }
        }
    }

    /// <summary>A command as callers see it.</summary>
    public static HostCommand View(InstanceId instance, CommandStatus command) => new(
        command.Id,
        instance,
        command.Name,
        command.End is null ? CommandState.Running : CommandState.Ended,
        command.End,
        command.ExitCode,
        command.StartedAt,
        command.EndedAt,
        command.OutputBytes,
        command.ErrorBytes,
        command.InputNumber);

    private async Task SuperviseAsync(InstanceId instance, CommandStatus command, Activity? span)
    {
        try
        {
            var ended = driver.WaitAsync(instance, command.Id, CancellationToken.None);
            if (command.Timeout is { } timeout)
            {
                var left = timeout - (time.GetUtcNow() - command.StartedAt);
                try
                {
                    await ended.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
                }
                catch (TimeoutException)
                {
                    LogTimedOut(instance, command.Id);
                    await driver.StopAsync(instance, command.Id, CommandEnd.TimedOut, _options.StopGrace, CancellationToken.None);
                }
            }

            var status = await ended;
            span?.SetTag(HostTelemetry.EndTag, status.End?.ToString());
            span?.SetTag(HostTelemetry.ExitCodeTag, status.ExitCode);
            span?.SetStatus(status is { End: CommandEnd.Exited, ExitCode: 0 } ? ActivityStatusCode.Ok : ActivityStatusCode.Error, status.End?.ToString());
            LogEnded(instance, command.Id, status.End, status.ExitCode);
        }
        catch (HostRefusal)
        {
            // The instance went, and its commands with it.
            span?.SetStatus(ActivityStatusCode.Error, "instance ended");
        }
        finally
        {
            span?.Dispose();
        }
    }

    private CommandSpec Spec(HeldInstance held, StartCommandRequest request, string? traceparent)
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal)
        {
            ["PATH"] = string.Join(':', [.. _options.ProgramPaths, DefaultPath]),
            ["HOME"] = InstancePaths.Home,
            ["LANG"] = "C.UTF-8",
            ["USER"] = "agent",
            ["TMPDIR"] = "/tmp",
        };
        if (held.Record.Phase == NetworkPhase.Setup)
        {
            foreach (var name in (ReadOnlySpan<string>)["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"])
            {
                environment[name] = InstancePaths.RegistryProxyUrl;
            }
        }

        foreach (var (name, value) in request.Environment ?? new Dictionary<string, string>())
        {
            environment[name] = value;
        }

        return new CommandSpec(
            request.Id,
            request.Name,
            request.Argv,
            request.WorkingDirectory ?? InstancePaths.Workspace,
            environment,
            request.Secrets ?? new Dictionary<string, SecretText>(),
            request.Input,
            request.MergeOutput,
            Math.Clamp(request.OutputBytesMax ?? _options.OutputHeadBytes, Wsl2HostOptions.OutputBytesMin, _options.OutputHeadBytesMax),
            _options.OutputTailBytes,
            request.TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            traceparent);
    }

    private static Activity? Begin(InstanceId instance, CommandId command, string name, string? traceparent, DateTimeOffset startedAt)
    {
        var span = HostTelemetry.StartDetached($"command {name}", traceparent, startedAt);
        span?.SetTag(HostTelemetry.InstanceTag, instance.ToString());
        span?.SetTag(HostTelemetry.CommandTag, command.ToString());
        span?.SetTag(HostTelemetry.CommandNameTag, name);
        return span;
    }

    private static void Check(StartCommandRequest request)
    {
        if (request.Argv is not { Count: > 0 and <= HostLimits.ArgumentsMax } || request.Argv[0].Length == 0)
        {
            throw HostRefusal.Invalid($"argv must have from 1 to {HostLimits.ArgumentsMax} arguments, the first of them a program.");
        }

        if (request.Name is not { Length: > 0 and <= NameLengthMax })
        {
            throw HostRefusal.Invalid($"name must have from 1 to {NameLengthMax} characters.");
        }

        if (request.WorkingDirectory is { } directory && !directory.StartsWith('/'))
        {
            throw HostRefusal.Invalid("workingDirectory must be absolute.");
        }

        if (request.TimeoutSeconds is <= 0)
        {
            throw HostRefusal.Invalid("timeoutSeconds must be more than 0.");
        }

        var names = (request.Environment?.Keys ?? []).Concat(request.Secrets?.Keys ?? []).ToList();
        if (!names.TrueForAll(name => VariableName().IsMatch(name)) || names.Distinct(StringComparer.Ordinal).Count() != names.Count)
        {
            throw HostRefusal.Invalid("environment and secrets must have names of letters, digits and underscores, none of them twice.");
        }

        var texts = request.Argv.Concat(request.Environment?.Values ?? []).Concat(request.Secrets?.Values.Select(secret => secret.Value) ?? []).ToList();
        if (texts.Exists(text => text is null || text.Contains('\0', StringComparison.Ordinal)))
        {
            throw HostRefusal.Invalid("Arguments and values must be texts without NUL.");
        }

        if (texts.Sum(text => (long)text.Length) > HostLimits.CommandBytesMax)
        {
            throw HostRefusal.Invalid($"Arguments and values may have {HostLimits.CommandBytesMax} bytes together.");
        }
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*\\z")]
    private static partial Regex VariableName();

    [LoggerMessage(3201, LogLevel.Information, "Command {Command} in {Instance} ended: {End}, exit code {ExitCode}")]
    private partial void LogEnded(InstanceId instance, CommandId command, CommandEnd? end, int? exitCode);

    [LoggerMessage(3202, LogLevel.Information, "The time of command {Command} in {Instance} was over")]
    private partial void LogTimedOut(InstanceId instance, CommandId command);
}
