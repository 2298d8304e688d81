using AgentPlatform.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentPlatform.ServiceDefaults.Problems;

internal static class ProblemExtensions
{
    public static void AddProblems(this IServiceCollection services)
    {
        // The first writer that can, writes: ours comes before the framework's, which gives way to plain text.
        services.AddSingleton<IProblemDetailsWriter, ProblemWriter>();
        services.AddProblemDetails();
        services.AddExceptionHandler<UnhandledExceptionHandler>();

        // What cannot be bound comes to the handler above, which says what it was; in Development as everywhere else.
        services.Configure<Microsoft.AspNetCore.Routing.RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
    }

    public static void UseProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use(RefuseNul);
    }

    /// <summary>No text in a query has the character 0, which Postgres cannot compare anything with.</summary>
    private static Task RefuseNul(HttpContext context, RequestDelegate next) => context.Request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true
        ? Problem.Of(StatusCodes.Status400BadRequest, ProblemCodes.InvalidRequest, "A query cannot hold the character 0.").ExecuteAsync(context)
        : next(context);
}
