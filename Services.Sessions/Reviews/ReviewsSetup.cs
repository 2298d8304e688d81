using Services.Sessions.Events;

namespace Services.Sessions.Reviews;

/// <summary>Agents' reviews.</summary>
internal static class ReviewsSetup
{
    public static void AddReviews(this WebApplicationBuilder builder)
    {
        builder.AddHostCalls();
        builder.Services.AddOptionsWithValidateOnStart<ReviewOptions>().BindConfiguration(ReviewOptions.Section).ValidateDataAnnotations();
        builder.Services.AddSingleton<SessionNews>();
        builder.Services.AddSingleton<SessionLog>();
        builder.Services.AddSingleton<SessionEventReader>();
        builder.Services.AddSingleton<ReviewSignals>();
        builder.Services.AddSingleton<ReviewStore>();
        builder.Services.AddSingleton<ReviewDriver>();
        builder.Services.AddHostedService<ReviewWorker>();
    }
}
