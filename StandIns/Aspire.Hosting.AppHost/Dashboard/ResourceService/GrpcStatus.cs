namespace Aspire.Hosting.Dashboard;

/// <summary>The gRPC status codes that the resource service answers with; the numbers are gRPC's.</summary>
internal enum GrpcStatus
{
    Ok = 0,
    NotFound = 5,
    ResourceExhausted = 8,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    Unauthenticated = 16,
}

/// <summary>Ends a call with a status other than OK; the message goes to the caller.</summary>
internal sealed class GrpcStatusException(GrpcStatus status, string message, Exception? inner = null) : Exception(message, inner)
{
    public GrpcStatus Status { get; } = status;
}
