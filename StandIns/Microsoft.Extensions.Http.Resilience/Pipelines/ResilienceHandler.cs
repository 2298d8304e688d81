using Polly;

namespace Microsoft.Extensions.Http.Resilience.Pipelines;

/// <summary>Sends each request through the pipeline chosen for it.</summary>
internal sealed class ResilienceHandler(Func<HttpRequestMessage, ResiliencePipeline<HttpResponseMessage>> pipelineFor, TimeProvider time)
    : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var pipeline = pipelineFor(request);
        var context = NewContext(request, cancellationToken);
        try
        {
            var outcome = await pipeline.ExecuteOutcomeAsync(AttemptAsync, context, request).ConfigureAwait(false);
            outcome.ThrowIfException();
            return outcome.Result!;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var pipeline = pipelineFor(request);
        var context = NewContext(request, cancellationToken);
        try
        {
            return pipeline.Execute((current, state) => base.Send(state, current.CancellationToken), context, request);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    // Polly wants failures as outcomes here: a throw would cost a rethrow in each strategy.
    private async ValueTask<Outcome<HttpResponseMessage>> AttemptAsync(ResilienceContext context, HttpRequestMessage request)
    {
        try
        {
            return Outcome.FromResult(await base.SendAsync(request, context.CancellationToken).ConfigureAwait(false));
        }
#pragma warning disable CA1031 // Every failure becomes the outcome; the last one is thrown in SendAsync.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return Outcome.FromException<HttpResponseMessage>(failure);
        }
    }

    private ResilienceContext NewContext(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(ContextKeys.Request, request);
        context.Properties.Set(ContextKeys.Time, time);
        return context;
    }
}
