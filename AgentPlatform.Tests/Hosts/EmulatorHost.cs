using System.Buffers.Text;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using AgentPlatform.Emulators;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace AgentPlatform.Tests.Hosts;

/// <summary>
/// The GitHub and model emulators in this process, on a free loopback port, with an App whose private key the test holds.
/// </summary>
public sealed class EmulatorHost : IAsyncDisposable
{
    /// <summary>The secret that signs webhooks.</summary>
    public const string WebhookSecret = "a secret of the tests";

    /// <summary>The key that the model APIs ask for.</summary>
    public const string ModelKey = "sk-test-only-model-key";

    /// <summary>The App's id.</summary>
    public const long AppId = 7001;

    private static readonly Lazy<string> SharedKey = new(() =>
    {
        using var key = RSA.Create(2048);
        return key.ExportRSAPrivateKeyPem();
    });

    private readonly WebApplication _app;
    private readonly string _directory;

    private EmulatorHost(WebApplication app, string directory)
    {
        _app = app;
        _directory = directory;
        Url = app.Urls.Single().TrimEnd('/');
        Control = new HttpClient { BaseAddress = new Uri($"{Url}/control/") };
    }

    /// <summary>Base address of everything, without a slash at the end.</summary>
    public string Url { get; }

    /// <summary>What <c>GitHub:ApiUrl</c> is set to.</summary>
    public string ApiUrl => $"{Url}/github/api/v3";

    /// <summary>What <c>GitHub:GitUrl</c> is set to.</summary>
    public string GitUrl => $"{Url}/github";

    /// <summary>The App's private key as PEM.</summary>
    public static string AppPrivateKey => SharedKey.Value;

    /// <summary>The control API; paths such as <c>github/demo</c> are relative to it.</summary>
    public HttpClient Control { get; }

    /// <summary>Starts the emulators with their defaults, or with other settings.</summary>
    public static async Task<EmulatorHost> StartAsync(IReadOnlyDictionary<string, string?>? settings = null, TimeProvider? time = null)
    {
        var directory = Directory.CreateTempSubdirectory("ap-emulators-").FullName;
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            EnvironmentName = "Development",
            ContentRootPath = directory,
        });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Urls"] = "http://127.0.0.1:0",
            ["Emulators:StateDirectory"] = directory,
            ["Emulators:GitHub:AppId"] = AppId.ToString(CultureInfo.InvariantCulture),
            ["Emulators:GitHub:AppPublicKey"] = SharedKey.Value,
            ["Emulators:GitHub:WebhookSecret"] = WebhookSecret,
            ["Emulators:Models:ApiKey"] = ModelKey,
        });
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.Logging.ClearProviders();
        if (time is not null)
        {
            builder.Services.Replace(ServiceDescriptor.Singleton(time));
        }

        var app = EmulatorServer.Build(builder);
        await app.StartAsync();
        return new EmulatorHost(app, directory);
    }

    /// <summary>Makes a private repository with these files on its default branch.</summary>
    public async Task<JsonNode> CreateRepositoryAsync(string owner, string name, object? files = null) =>
        await ControlAsync("github/repositories", new { owner, name, files });

    /// <summary>Calls the control API and returns what it says; a refusal fails the test.</summary>
    public async Task<JsonNode> ControlAsync(string path, object body, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        using var response = await Control.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    /// <summary>Reads from the control API.</summary>
    public async Task<JsonNode> InspectAsync(string path) => JsonNode.Parse(await Control.GetStringAsync(path))!;

    /// <summary>A client of the GitHub API with a credential, or without one. Paths are relative, such as <c>repos/o/r</c>.</summary>
    public HttpClient GitHub(string? credential = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(ApiUrl + "/") };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("agentplatform-tests");
        client.DefaultRequestHeaders.Accept.ParseAdd("application/vnd.github+json");
        client.DefaultRequestHeaders.Authorization = credential is null ? null : new AuthenticationHeaderValue("Bearer", credential);
        return client;
    }

    /// <summary>The App's own token, as a correct client makes it, or with other claims.</summary>
    public string AppJwt(DateTimeOffset? issuedAt = null, DateTimeOffset? expiresAt = null, string? issuer = null, RSA? key = null,
        string algorithm = "RS256")
    {
        using var own = RSA.Create();
        own.ImportFromPem(AppPrivateKey);
        var now = _app.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        var claims = new JsonObject
        {
            ["iat"] = (issuedAt ?? now.AddMinutes(-1)).ToUnixTimeSeconds(),
            ["exp"] = (expiresAt ?? now.AddMinutes(9)).ToUnixTimeSeconds(),
            ["iss"] = issuer ?? AppId.ToString(CultureInfo.InvariantCulture),
        };
        var header = new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT" };
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        var signature = (key ?? own).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>An access token of the installation that owns a repository's account.</summary>
    public async Task<string> TokenAsync(JsonNode repository, object? narrowed = null)
    {
        using var client = GitHub(AppJwt());
        using var response = await client.PostAsJsonAsync($"app/installations/{repository["installationId"]}/access_tokens", narrowed
            ?? new { });
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!["token"]!.GetValue<string>();
    }

    /// <summary>A client with a fresh token for a repository's installation.</summary>
    public async Task<HttpClient> InstallationClientAsync(JsonNode repository, object? narrowed = null) =>
        GitHub(await TokenAsync(repository, narrowed));

    public async ValueTask DisposeAsync()
    {
        Control.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
