using AgentPlatform.ServiceDefaults.Problems;
using Services.Wsl2Host.Drivers;

namespace Services.Wsl2Host.Instances;

/// <summary>Turns refusals into problems.</summary>
internal sealed partial class RefusalFilter(ILogger<RefusalFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (HostRefusal refusal)
        {
            if (refusal.Status >= StatusCodes.Status500InternalServerError)
            {
                LogFailed(refusal.Code, refusal);
            }

            var problem = Problem.Of(refusal.Status, refusal.Code, refusal.Message);
            if (refusal.Extension is var (name, value))
            {
                problem.ProblemDetails.Extensions[name] = value;
            }

            return problem;
        }
    }

    [LoggerMessage(3005, LogLevel.Error, "A call failed: {Code}")]
    private partial void LogFailed(string code, Exception failure);
}
