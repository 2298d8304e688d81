using System.Globalization;
using System.Net;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Reviews;
using AgentPlatform.Contracts.Runs;

namespace Services.Scheduler.Pipeline;

/// <summary>The calls to Sessions for a review. All may be repeated: the session's id was chosen before the first.</summary>
internal sealed class ReviewClient(IHttpClientFactory clients)
{
    /// <summary>The named client: service discovery, a service token, and no standard resilience, since a wait is held back for long.</summary>
    public const string ClientName = "sessions";

    public Task<Review> StartAsync(StartReviewRequest request, CancellationToken cancellationToken) => SendAsync(
        new HttpRequestMessage(HttpMethod.Post, ReviewRoutes.Reviews) { Content = JsonContent.Create(request, ReviewsJsonContext.Default.StartReviewRequest) }, cancellationToken);

    public Task<Review> WaitAsync(SessionId session, int seconds, CancellationToken cancellationToken) => SendAsync(
        new HttpRequestMessage(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"{ReviewRoutes.Review(session)}?wait={seconds}")), cancellationToken);

    public Task<Review> StopAsync(SessionId session, CancellationToken cancellationToken) => SendAsync(
        new HttpRequestMessage(HttpMethod.Delete, ReviewRoutes.Review(session)), cancellationToken);

    private async Task<Review> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            HttpResponseMessage response;
            try
            {
                response = await clients.CreateClient(ClientName).SendAsync(request, cancellationToken);
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new RunFaultException(FaultCategory.Transient, $"sessions does not answer ({error.GetType().Name})");
            }

            using (response)
            {
                if (response.IsSuccessStatusCode)
                {
                    return await response.Content.ReadFromJsonAsync(ReviewsJsonContext.Default.Review, cancellationToken)
                        ?? throw new RunFaultException(FaultCategory.Transient, "sessions answered with an empty body");
                }

                var category = response.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests or HttpStatusCode.NotFound
                    ? FaultCategory.Transient
                    : FaultCategory.Configuration;
                throw new RunFaultException(category, $"sessions answered {(int)response.StatusCode}");
            }
        }
    }
}
