namespace Aspire.Hosting;

/// <summary>A parameter has neither a value nor a default.</summary>
/// <param name="message">Names the parameter and the configuration key that would give it a value.</param>
public sealed class MissingParameterValueException(string message) : DistributedApplicationException(message);
