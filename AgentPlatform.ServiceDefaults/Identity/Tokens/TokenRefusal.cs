namespace AgentPlatform.ServiceDefaults.Identity.Tokens;

/// <summary>Why a token is not accepted. For the log; a caller is told only that it is not.</summary>
internal enum TokenRefusal
{
    /// <summary>Accepted.</summary>
    None,

    /// <summary>Not three strict base64url parts with the JSON that belongs in them.</summary>
    Malformed,

    /// <summary>The header names another algorithm than ES256, whatever it is.</summary>
    WrongAlgorithm,

    /// <summary>Made by nobody whom this service knows.</summary>
    UnknownIssuer,

    /// <summary>The issuer has no such key.</summary>
    UnknownKey,

    /// <summary>The key did not make this signature over these bytes.</summary>
    WrongSignature,

    /// <summary>Meant for another service.</summary>
    WrongAudience,

    /// <summary>No longer valid.</summary>
    Expired,

    /// <summary>Not valid yet.</summary>
    NotYetValid,

    /// <summary>Valid for longer than any token of ours.</summary>
    TooLongLived,

    /// <summary>The issuer speaks for somebody for whom it may not speak.</summary>
    SubjectNotAllowed,
}
