namespace AgentPlatform.Contracts;

/// <summary>The codes of intake's own refusals, beside <see cref="ProblemCodes"/>.</summary>
public static class IntakeCodes
{
    /// <summary>400: a header of the delivery is missing, or there twice; <c>detail</c> names it.</summary>
    public const string MissingHeader = "missing_header";

    /// <summary>400: a header of the delivery has a form that GitHub never sends.</summary>
    public const string InvalidHeader = "invalid_header";

    /// <summary>401: the signature is malformed, made with a secret that is not live, or made over other bytes.</summary>
    public const string InvalidSignature = "invalid_signature";

    /// <summary>400: the payload is not a complete JSON object.</summary>
    public const string InvalidPayload = "invalid_payload";

    /// <summary>409: the delivery is still pending, so there is nothing to replay.</summary>
    public const string DeliveryPending = "delivery_pending";
}
