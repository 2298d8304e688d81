using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace AgentPlatform.Benchmarks.Intake;

/// <summary>
/// Deliveries of one real payload, each with a number of its own in its title, signed before the clock starts. Kept once: prefix, number, suffix.
/// </summary>
internal sealed class SignedDeliveries
{
    public const string Secret = "the secret of the benchmark";

    private const int NumberDigits = 10;
    private const int SignatureDigits = 64;
    private const int GuidLength = 36;
    private const string Marker = "0000000000";

    private readonly byte[] _prefix;
    private readonly byte[] _suffix;
    private readonly byte[] _signatures;
    private readonly byte[] _head;
    private readonly int _guidAt;
    private readonly int _signatureAt;
    private readonly int _first;

    private SignedDeliveries(byte[] prefix, byte[] suffix, int first, int count)
    {
        (_prefix, _suffix, _first, Count) = (prefix, suffix, first, count);
        _signatures = new byte[count * SignatureDigits];
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST /webhooks/github HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: GitHub-Hookshot/044aadd\r\nContent-Type: application/json\r\nX-GitHub-Event: pull_request\r\nX-GitHub-Hook-ID: 292430182\r\nX-GitHub-Delivery: {new string('g', GuidLength)}\r\nX-Hub-Signature-256: sha256={new string('s', SignatureDigits)}\r\nContent-Length: {BodyLength}\r\n\r\n");
        _guidAt = head.IndexOf("ggg", StringComparison.Ordinal);
        _signatureAt = head.IndexOf("sss", StringComparison.Ordinal);
        _head = Encoding.ASCII.GetBytes(head);
    }

    public int Count { get; }

    public int BodyLength => _prefix.Length + NumberDigits + _suffix.Length;

    public int RequestLength => _head.Length + BodyLength;

    /// <summary>Signs a number of deliveries.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="first">The number of the first: no two deliveries of a benchmark share one.</param>
    /// <param name="count">How many.</param>
    public static SignedDeliveries Sign(JsonNode payload, int first, int count)
    {
        payload["pull_request"]!["title"] = $"Update the README with new information #{Marker}";
        var text = payload.ToJsonString();
        var at = text.IndexOf(Marker, StringComparison.Ordinal);
        var deliveries = new SignedDeliveries(Encoding.UTF8.GetBytes(text[..at]), Encoding.UTF8.GetBytes(text[(at + NumberDigits)..]), first, count);
        Parallel.For(0, count, i =>
        {
            var body = new byte[deliveries.BodyLength];
            deliveries.WriteBody(i, body);
            Convert.TryToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), body), deliveries._signatures.AsSpan(i * SignatureDigits, SignatureDigits), out _);
        });
        return deliveries;
    }

    /// <summary>Writes a whole request, body included. Each comes under a new GUID.</summary>
    public void WriteRequest(int index, Span<byte> request)
    {
        _head.CopyTo(request);
        Guid.NewGuid().TryFormat(request[_guidAt..], out _, "D");
        _signatures.AsSpan(index * SignatureDigits, SignatureDigits).CopyTo(request[_signatureAt..]);
        WriteBody(index, request[_head.Length..]);
    }

    private void WriteBody(int index, Span<byte> body)
    {
        _prefix.CopyTo(body);
        (_first + index).TryFormat(body[_prefix.Length..], out _, "D10", CultureInfo.InvariantCulture);
        _suffix.CopyTo(body[(_prefix.Length + NumberDigits)..]);
    }
}
