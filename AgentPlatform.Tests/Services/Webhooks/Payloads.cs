using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace AgentPlatform.Tests.Services.Webhooks;

/// <summary>Payloads of GitHub's shape, cut down to what matters, and requests that carry them.</summary>
internal static class Payloads
{
    public const string Secret = "It's a Secret to Everybody";
    public const string HeadSha = "34c5c7793cb3b279e22454cb6750c80560547b3a";
    public const string BaseSha = "a10867b14bb761a232cd80139fbd4c0d33264240";

    /// <summary>A pull request that was opened.</summary>
    public static byte[] PullRequest(int number = 7, string action = "opened") => Encode(new JsonObject
    {
        ["action"] = action,
        ["number"] = number,
        ["pull_request"] = new JsonObject
        {
            ["id"] = 1_000 + number,
            ["number"] = number,
            ["title"] = "Close the door 🚪",
            ["head"] = new JsonObject { ["ref"] = "a$(touch x)b", ["sha"] = HeadSha, ["repo"] = new JsonObject { ["id"] = 5, ["full_name"] = "fork/elsewhere", ["sha"] = "no" } },
            ["base"] = new JsonObject { ["ref"] = "main", ["sha"] = BaseSha },
            ["labels"] = new JsonArray(new JsonObject { ["name"] = "not this one" }),
        },
        ["repository"] = new JsonObject { ["id"] = 186853002, ["full_name"] = "octo-org/octo-repo", ["owner"] = new JsonObject { ["id"] = 6, ["login"] = "octo-org" } },
        ["installation"] = new JsonObject { ["id"] = 42 },
        ["sender"] = new JsonObject { ["login"] = "octocat", ["id"] = 21031067 },
    });

    public static byte[] Encode(JsonNode payload) => Encoding.UTF8.GetBytes(payload.ToJsonString());

    public static string Sign(ReadOnlySpan<byte> body, string secret = Secret) =>
        $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body))}";

    /// <summary>A request as GitHub sends it.</summary>
    public static HttpRequestMessage Request(byte[] body, string name = "pull_request", Guid? guid = null, string? signature = null, string contentType = "application/json")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "webhooks/github") { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        request.Headers.TryAddWithoutValidation("User-Agent", "GitHub-Hookshot/044aadd");
        request.Headers.Add("X-GitHub-Event", name);
        request.Headers.Add("X-GitHub-Delivery", (guid ?? Guid.NewGuid()).ToString("D", CultureInfo.InvariantCulture));
        request.Headers.Add("X-Hub-Signature-256", signature ?? Sign(body));
        return request;
    }
}
