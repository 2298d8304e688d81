using AgentPlatform.Emulators.GitHub.Git;
using Microsoft.AspNetCore.Mvc;

namespace AgentPlatform.Emulators.Control;

/// <summary>What every call of the control API goes through.</summary>
internal static class ControlGroup
{
    private const long BodyBytesMax = 256L * 1024 * 1024;

    /// <summary>
    /// A web page in a developer's browser could post a form here; it cannot send JSON without asking first, and nothing here
    /// would allow it. So whatever changes something must be JSON.
    /// </summary>
    public static RouteGroupBuilder MapControl(this IEndpointRouteBuilder app, string path)
    {
        var group = app.MapGroup(path).WithMetadata(new RequestSizeLimitAttribute(BodyBytesMax));
        group.AddEndpointFilter(async (invocation, next) =>
        {
            var request = invocation.HttpContext.Request;
            if ((HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method)) && !request.HasJsonContentType())
            {
                return Problem("json_required", "The control API takes JSON only: send Content-Type: application/json.",
                    StatusCodes.Status415UnsupportedMediaType);
            }

            try
            {
                return await next(invocation);
            }
            catch (Exception refused) when (refused is FormatException or GitException)
            {
                return Problem("invalid_request", refused.Message, StatusCodes.Status400BadRequest);
            }
        });
        return group;
    }

    public static IResult NotFound(string what) => Problem("not_found", $"There is no {what}.", StatusCodes.Status404NotFound);

    public static IResult Problem(string code, string detail, int status) =>
        TypedResults.Problem(detail, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = code });
}
