namespace Aspire.Hosting.Running.Processes;

/// <summary>A program could not be started; the message says which and why, for a person.</summary>
internal sealed class ProcessStartException(string message) : Exception(message);
