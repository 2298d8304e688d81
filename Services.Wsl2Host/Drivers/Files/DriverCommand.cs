namespace Services.Wsl2Host.Drivers.Files;

/// <summary>What every driver has of one command: what was written down of it, and its result once there is one.</summary>
internal abstract class DriverCommand
{
    private readonly TaskCompletionSource<CommandResult> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected DriverCommand(CommandHandle handle, CommandFiles files)
    {
        (Handle, Files) = (handle, files);
        if (files.ReadResult() is { } result)
        {
            Tell(result);
        }
    }

    public CommandHandle Handle { get; }

    public CommandFiles Files { get; }

    /// <summary>The result, once there is one.</summary>
    public Task<CommandResult> Ended => _ended.Task;

    /// <summary>The result; null while it runs.</summary>
    public CommandResult? Result => _ended.Task.IsCompletedSuccessfully ? _ended.Task.Result : null;

    public virtual CommandStatus Status()
    {
        var result = Result;
        var ended = result is not null;
        return new CommandStatus(
            Handle.Id,
            Handle.Name,
            Handle.Argv,
            result?.End,
            result?.ExitCode,
            Handle.StartedAt,
            result?.EndedAt,
            Spool.Readable(Files.StandardOutput, ended),
            Handle.MergeOutput ? 0 : Spool.Readable(Files.StandardError, ended),
            Handle.Input ? new InputFiles(Files.Inputs).Position().Number : 0,
            Handle.Timeout,
            Handle.Traceparent);
    }

    /// <summary>Whoever waits for its end goes on.</summary>
    protected void Tell(CommandResult result) => _ended.TrySetResult(result);
}
