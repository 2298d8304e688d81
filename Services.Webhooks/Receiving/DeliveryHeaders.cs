using System.Buffers;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Services.Webhooks.Receiving;

/// <summary>How a payload is written.</summary>
internal enum PayloadFormat
{
    /// <summary><c>application/json</c>: the body is the payload.</summary>
    Json,

    /// <summary><c>application/x-www-form-urlencoded</c>: the payload is the field <c>payload</c>.</summary>
    Form,
}

/// <summary>The headers of a delivery. Only the body is signed, so event and GUID are claims.</summary>
/// <param name="DeliveryGuid">GitHub's GUID for the delivery.</param>
/// <param name="Event">The event's name.</param>
/// <param name="Signature">The signature, unchecked.</param>
/// <param name="Format">How the payload is written.</param>
internal readonly record struct DeliveryHeaders(Guid DeliveryGuid, string Event, string Signature, PayloadFormat Format)
{
    public const string EventHeader = "X-GitHub-Event";
    public const string GuidHeader = "X-GitHub-Delivery";
    public const string SignatureHeader = "X-Hub-Signature-256";

    private const int EventLengthMax = 64;
    private static readonly SearchValues<char> EventCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>Reads the headers of a request, or says what is wrong with them.</summary>
    public static Refusal? Read(IHeaderDictionary headers, out DeliveryHeaders read)
    {
        read = default;
        if (FormatOf(headers.ContentType) is not { } format)
        {
            return Refusal.ContentType;
        }

        // What is signed is what is sent; GitHub compresses nothing, and nothing is unpacked here.
        if (headers.ContentEncoding.Count > 0)
        {
            return Refusal.ContentEncoding;
        }

        if (One(headers, EventHeader) is not { } name)
        {
            return Refusal.MissingHeader(EventHeader);
        }

        if (One(headers, GuidHeader) is not { } guid)
        {
            return Refusal.MissingHeader(GuidHeader);
        }

        if (One(headers, SignatureHeader) is not { } signature)
        {
            return Refusal.MissingHeader(SignatureHeader);
        }

        if (name.Length > EventLengthMax || name.AsSpan().ContainsAnyExcept(EventCharacters))
        {
            return Refusal.InvalidHeader(EventHeader);
        }

        if (!Guid.TryParseExact(guid, "D", out var parsed))
        {
            return Refusal.InvalidHeader(GuidHeader);
        }

        read = new DeliveryHeaders(parsed, name, signature, format);
        return null;
    }

    private static PayloadFormat? FormatOf(StringValues contentType)
    {
        if (contentType.Count == 1 && string.Equals(contentType[0], "application/json", StringComparison.Ordinal))
        {
            return PayloadFormat.Json;
        }

        if (!MediaTypeHeaderValue.TryParse(contentType.ToString(), out var type)
            || (type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        return type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) ? PayloadFormat.Json
            : type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) ? PayloadFormat.Form
            : null;
    }

    // A header that comes twice says two things; neither is believed.
    private static string? One(IHeaderDictionary headers, string name) =>
        headers.TryGetValue(name, out var values) && values is [{ Length: > 0 } value] ? value : null;
}
