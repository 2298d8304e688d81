using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace AgentPlatform.ServiceDefaults.Failpoints;

internal static class FailpointsExtensions
{
    private const string Key = "Failpoints:Directory";

    /// <exception cref="InvalidOperationException">They are asked for outside Development: whoever can write that directory could halt the service.</exception>
    public static void AddFailpoints(this WebApplicationBuilder builder)
    {
        if (builder.Configuration[Key] is not { Length: > 0 } directory)
        {
            return;
        }

        if (!builder.Environment.IsDevelopment())
        {
            throw new InvalidOperationException($"{Key} is for tests: it is accepted in the environment Development only.");
        }

        Failpoint.Arm(directory);
    }
}
