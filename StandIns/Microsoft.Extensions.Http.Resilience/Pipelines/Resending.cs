using Polly.Retry;

namespace Microsoft.Extensions.Http.Resilience.Pipelines;

/// <summary>
/// Keeps a request from being repeated whose body is gone: a stream that cannot be rewound was consumed by the first attempt.
/// Its first outcome is the answer then. All other content of .NET can be sent again as it is.
/// </summary>
internal static class Resending
{
    public static void Guard(HttpRetryStrategyOptions? retry)
    {
        // What is missing here is reported by the validation.
        if (retry?.ShouldHandle is { } shouldHandle)
        {
            retry.ShouldHandle = args => CanResend(args) ? shouldHandle(args) : new ValueTask<bool>(false);
        }
    }

    private static bool CanResend(RetryPredicateArguments<HttpResponseMessage> args) =>
        // The length of a stream is known where it can seek, and only there.
        args.Context.Properties.GetValue(ContextKeys.Request, null)?.Content is not StreamContent { Headers.ContentLength: null };
}
