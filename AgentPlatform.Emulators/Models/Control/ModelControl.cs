using AgentPlatform.Emulators.Control;


namespace AgentPlatform.Emulators.Models.Control;

/// <summary>Looking at model calls, and making the next ones go wrong.</summary>
internal static class ModelControl
{
    public static RouteGroupBuilder MapModelControl(this RouteGroupBuilder control)
    {
        control.MapGet("calls", (ModelCalls calls) => calls.List());
        control.MapDelete("calls", (ModelCalls calls) =>
        {
            calls.Clear();
            return TypedResults.NoContent();
        });
        control.MapPost("faults", (ModelFault fault, ModelFaults faults) =>
            faults.Add(fault) ? TypedResults.Accepted((string?)null)
                : ControlGroup.Problem("too_many_faults", "Too many faults are waiting; delete them first.",
                StatusCodes.Status409Conflict));
        control.MapDelete("faults", (ModelFaults faults) =>
        {
            faults.Clear();
            return TypedResults.NoContent();
        });
        return control;
    }
}
