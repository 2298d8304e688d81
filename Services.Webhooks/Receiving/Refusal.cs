using AgentPlatform.Contracts;

namespace Services.Webhooks.Receiving;

/// <summary>Why a delivery was not taken.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The stable code.</param>
/// <param name="Detail">What a person should know.</param>
internal sealed record Refusal(int Status, string Code, string Detail)
{
    public static readonly Refusal ContentType = new(
        StatusCodes.Status415UnsupportedMediaType, ProblemCodes.UnsupportedMediaType, "A delivery is application/json or application/x-www-form-urlencoded, in UTF-8.");

    public static readonly Refusal ContentEncoding = new(StatusCodes.Status415UnsupportedMediaType, ProblemCodes.UnsupportedMediaType, "A delivery comes without a Content-Encoding.");

    public static readonly Refusal TooLarge = new(StatusCodes.Status413PayloadTooLarge, ProblemCodes.PayloadTooLarge, "The payload is larger than GitHub sends.");

    public static readonly Refusal TooSlow = new(StatusCodes.Status408RequestTimeout, ProblemCodes.RequestTimeout, "The payload did not arrive in time.");

    public static readonly Refusal Signature = new(
        StatusCodes.Status401Unauthorized, IntakeCodes.InvalidSignature, $"{DeliveryHeaders.SignatureHeader} is not a signature of this body by a secret that is live here.");

    public static readonly Refusal Payload = new(StatusCodes.Status400BadRequest, IntakeCodes.InvalidPayload, "The payload is not a complete JSON object.");

    public static readonly Refusal Form = new(StatusCodes.Status400BadRequest, IntakeCodes.InvalidPayload, "The form has no readable field 'payload'.");

    public static readonly Refusal Busy = new(StatusCodes.Status503ServiceUnavailable, ProblemCodes.Unavailable, "Too many deliveries at a time; this one was not stored.");

    public static readonly Refusal NotStored = new(StatusCodes.Status503ServiceUnavailable, ProblemCodes.Unavailable, "The delivery could not be stored.");

    public static Refusal MissingHeader(string header) => new(StatusCodes.Status400BadRequest, IntakeCodes.MissingHeader, $"{header} must be there, once.");

    public static Refusal InvalidHeader(string header) => new(StatusCodes.Status400BadRequest, IntakeCodes.InvalidHeader, $"{header} is not of the form that GitHub sends.");
}
