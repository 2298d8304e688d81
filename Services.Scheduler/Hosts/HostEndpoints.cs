using System.Security.Claims;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Services.Scheduler.Runs;

namespace Services.Scheduler.Hosts;

/// <summary>Where hosts enrol.</summary>
internal static class HostEndpoints
{
    public static void MapHosts(this IEndpointRouteBuilder routes) =>
        routes.MapPut("/internal/hosts/{id}", EnrolAsync).RequireScope(Scopes.HostsEnrol).WithTags("Hosts");

    internal static async Task<Results<Ok<HostEnrolmentReply>, ProblemHttpResult>> EnrolAsync(
        HostId id, HostEnrolment enrolment, HostRegistry hosts, RunSignals signals, ClaimsPrincipal caller, CancellationToken cancellationToken)
    {
        if (!enrolment.Url.IsAbsoluteUri || enrolment.Url.Scheme is not ("http" or "https"))
        {
            return Problem.Of(400, ProblemCodes.InvalidRequest, "url is an absolute http or https address.");
        }

        await hosts.EnrolAsync(id, enrolment, caller.Identity?.Name ?? "service:wsl2host", cancellationToken);
        signals.Admission.Raise();
        return TypedResults.Ok(new HostEnrolmentReply((int)HostRegistry.RenewAfter.TotalSeconds));
    }
}
