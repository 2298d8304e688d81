using System.Globalization;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Microsoft.AspNetCore.Http.HttpResults;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Instances;

namespace Services.Wsl2Host.Commands;

/// <summary>The commands of an instance over HTTP. See <see cref="HostRoutes"/>.</summary>
internal static class CommandEndpoints
{
    /// <summary>Base64 makes four characters of three bytes; the rest is the frame.</summary>
    private const long InputBodyMax = (HostLimits.InputBytesMax * 4L / 3) + 4096;

    public static void MapCommands(this IEndpointRouteBuilder instances)
    {
        var commands = instances.MapGroup("/{id}/commands");
        commands.MapPost("", StartAsync);
        commands.MapGet("", List);
        commands.MapGet("/{command}", InspectAsync);
        commands.MapGet("/{command}/output", OutputAsync);
        commands.MapPost("/{command}/input", InputAsync).WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(InputBodyMax));
        commands.MapPost("/{command}/signal", SignalAsync);
        commands.MapPost("/{command}/stop", StopAsync);
    }

    internal static async Task<Results<Created<HostCommand>, Ok<HostCommand>>> StartAsync(
        InstanceId id, StartCommandRequest request, CommandRunner runner, CancellationToken cancellationToken)
    {
        var (command, created) = await runner.StartAsync(id, request, cancellationToken);
        return created ? TypedResults.Created(HostRoutes.Command(id, command.Id), command) : TypedResults.Ok(command);
    }

    internal static Ok<IReadOnlyList<HostCommand>> List(InstanceId id, InstanceKeeper instances, IInstanceDriver driver)
    {
        instances.Find(id);
        return TypedResults.Ok<IReadOnlyList<HostCommand>>([.. driver.Commands(id).Select(command => CommandRunner.View(id, command))]);
    }

    internal static async Task<Ok<HostCommand>> InspectAsync(
        InstanceId id, CommandId command, int? waitSeconds, InstanceKeeper instances, IInstanceDriver driver, TimeProvider time, CancellationToken cancellationToken)
    {
        instances.Find(id);
        var status = driver.Inspect(id, command);
        if (status.End is null && Wait(waitSeconds) is { } wait && wait > TimeSpan.Zero)
        {
            await AtMostAsync(token => driver.WaitAsync(id, command, token), wait, time, cancellationToken);
            status = driver.Inspect(id, command);
        }

        return TypedResults.Ok(CommandRunner.View(id, status));
    }

    internal static async Task<FileContentHttpResult> OutputAsync(
        InstanceId id,
        CommandId command,
        long? offset,
        OutputStreamName? stream,
        int? bytesMax,
        bool? follow,
        int? waitSeconds,
        InstanceKeeper instances,
        IInstanceDriver driver,
        TimeProvider time,
        HttpResponse response,
        CancellationToken cancellationToken)
    {
        instances.Find(id);
        var (from, which) = (offset ?? 0, stream?.Stream ?? OutputStream.StandardOutput);
        if (from < 0 || bytesMax is <= 0)
        {
            throw HostRefusal.Invalid("offset must not be negative, and bytesMax must be more than 0.");
        }

        var size = Math.Min(bytesMax ?? HostLimits.OutputPageBytesMax, HostLimits.OutputPageBytesMax);
        var page = await driver.ReadAsync(id, command, which, from, size, cancellationToken);
        if (follow == true && page is { Bytes.IsEmpty: true, End: false })
        {
            var wait = Wait(waitSeconds) ?? TimeSpan.FromSeconds(HostLimits.WaitSecondsMax);
            await AtMostAsync(
                async token =>
                {
                    // A file can change without growing.
                    while (page is { Bytes.IsEmpty: true, End: false })
                    {
                        await driver.WaitForOutputAsync(id, command, which, page.NextOffset, token);
                        page = await driver.ReadAsync(id, command, which, page.NextOffset, size, token);
                    }
                },
                wait,
                time,
                cancellationToken);
        }

        response.Headers[HostHeaders.NextOffset] = page.NextOffset.ToString(CultureInfo.InvariantCulture);
        response.Headers[HostHeaders.OutputEnd] = page.End ? "true" : "false";
        response.Headers[HostHeaders.OutputTruncated] = page.Truncated ? "true" : "false";
        return TypedResults.Bytes(page.Bytes, "application/octet-stream");
    }

    internal static async Task<Ok<WriteInputReply>> InputAsync(
        InstanceId id, CommandId command, WriteInputRequest request, InstanceKeeper instances, IInstanceDriver driver, CancellationToken cancellationToken)
    {
        if (request.Data is null || request.Data.Length > HostLimits.InputBytesMax)
        {
            throw HostRefusal.Invalid($"data must be there and have at most {HostLimits.InputBytesMax} bytes.");
        }

        await FenceAsync(instances, id, request.Generation, cancellationToken);
        return TypedResults.Ok(new WriteInputReply(await driver.WriteInputAsync(id, command, request.Number, request.Data, request.End, cancellationToken)));
    }

    internal static async Task<Ok<HostCommand>> SignalAsync(
        InstanceId id, CommandId command, SignalCommandRequest request, InstanceKeeper instances, IInstanceDriver driver, CancellationToken cancellationToken)
    {
        await FenceAsync(instances, id, request.Generation, cancellationToken);
        await driver.SignalAsync(id, command, request.Signal, cancellationToken);
        return TypedResults.Ok(CommandRunner.View(id, driver.Inspect(id, command)));
    }

    internal static async Task<Ok<HostCommand>> StopAsync(
        InstanceId id,
        CommandId command,
        StopCommandRequest request,
        InstanceKeeper instances,
        IInstanceDriver driver,
        Microsoft.Extensions.Options.IOptions<Hosting.Wsl2HostOptions> options,
        CancellationToken cancellationToken)
    {
        await FenceAsync(instances, id, request.Generation, cancellationToken);
        var grace = request.GraceSeconds is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 600)) : options.Value.StopGrace;

        // To its end, whether or not the caller still waits.
        var status = await driver.StopAsync(id, command, CommandEnd.Stopped, grace, CancellationToken.None).WaitAsync(cancellationToken);
        return TypedResults.Ok(CommandRunner.View(id, status));
    }

    // Only the fence: what follows may take its time, and other calls must not wait for it.
    private static Task FenceAsync(InstanceKeeper instances, InstanceId id, long generation, CancellationToken cancellationToken) =>
        instances.WithAsync(id, generation, static _ => Task.FromResult(true), cancellationToken);

    private static TimeSpan? Wait(int? seconds) => seconds is { } asked ? TimeSpan.FromSeconds(Math.Clamp(asked, 0, HostLimits.WaitSecondsMax)) : null;

    private static async Task AtMostAsync(Func<CancellationToken, Task> work, TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await work(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The answer is what there is by now.
        }
    }
}

/// <summary>A stream's name in a query: <c>stdout</c> or <c>stderr</c>.</summary>
/// <param name="Stream">The stream.</param>
internal readonly record struct OutputStreamName(OutputStream Stream)
{
    public static bool TryParse(string? text, out OutputStreamName name)
    {
        name = new OutputStreamName(text == "stderr" ? OutputStream.StandardError : OutputStream.StandardOutput);
        return text is "stdout" or "stderr";
    }
}
