using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentPlatform.Tests.ServiceDefaults.Problems;

public sealed class ProblemTests
{
    private const string Secret = "what-only-the-log-may-know";

    public static TheoryData<string> Environments => ["Development", "Production"];

    [Theory]
    [MemberData(nameof(Environments))]
    public async Task EveryErrorIsAProblemWithACode(string environment)
    {
        await using var service = await StartAsync(environment);
        var http = service.Client;

        await AssertProblemAsync(await http.GetAsync("/nowhere"), HttpStatusCode.NotFound, ProblemCodes.NotFound);
        await AssertProblemAsync(await http.DeleteAsync("/echo"), HttpStatusCode.MethodNotAllowed, ProblemCodes.MethodNotAllowed);
        await AssertProblemAsync(await http.PostAsync("/echo", Body("x", "text/plain")), HttpStatusCode.UnsupportedMediaType, ProblemCodes.UnsupportedMediaType);
        await AssertProblemAsync(await http.PostAsync("/echo", Body("{", "application/json")), HttpStatusCode.BadRequest, ProblemCodes.InvalidRequest);
        await AssertProblemAsync(await http.GetAsync("/runs/not-an-id"), HttpStatusCode.BadRequest, ProblemCodes.InvalidRequest);
        await AssertProblemAsync(await http.GetAsync("/conflict"), HttpStatusCode.Conflict, "instance_is_full");
        await AssertProblemAsync(await http.GetAsync("/invalid"), HttpStatusCode.BadRequest, ProblemCodes.InvalidRequest);
        await AssertProblemAsync(await http.GetAsync("/throws"), HttpStatusCode.InternalServerError, ProblemCodes.InternalError);
        await AssertProblemAsync(await http.GetAsync("/throws-late"), HttpStatusCode.InternalServerError, ProblemCodes.InternalError);
    }

    [Theory]
    [InlineData("/page?limit=what-only-the-log-may-know", "limit is missing, or not of the form that it takes.")]
    [InlineData("/page?limit=99999999999", "limit is missing, or not of the form that it takes.")]
    [InlineData("/page", "limit is missing, or not of the form that it takes.")]
    [InlineData("/runs/what-only-the-log-may-know", "id is missing, or not of the form that it takes.")]
    [InlineData("/page?limit=1&name=a%00b", "A query cannot hold the character 0.")]
    public async Task WhatCannotBeUnderstoodIsNamed(string path, string detail)
    {
        foreach (var environment in Environments)
        {
            await using var service = await StartAsync(environment);
            var answer = await service.Client.GetAsync(path);
            await AssertProblemAsync(answer, HttpStatusCode.BadRequest, ProblemCodes.InvalidRequest);
            Assert.Equal(detail, await DetailAsync(answer));
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("""{"limit":"what-only-the-log-may-know"}""")]
    public async Task ABodyThatCannotBeReadIsNamed(string body)
    {
        foreach (var environment in Environments)
        {
            await using var service = await StartAsync(environment);
            var answer = await service.Client.PostAsync("/wish", Body(body, "application/json"));
            await AssertProblemAsync(answer, HttpStatusCode.BadRequest, ProblemCodes.InvalidRequest);
            Assert.Equal("The body is missing, or is no JSON of the form that is asked for.", await DetailAsync(answer));
        }
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public async Task ABodyAboveTheLimitIsAProblem(string environment)
    {
        await using var service = await StartAsync(environment);
        var large = new string('x', 1024 * 1024 + 1);

        await AssertProblemAsync(await PostLargeAsync(service.Client, "/echo", Body($"\"{large}\"", "application/json")), HttpStatusCode.RequestEntityTooLarge, ProblemCodes.PayloadTooLarge);
        await AssertProblemAsync(await PostLargeAsync(service.Client, "/raw", Body(large, "text/plain")), HttpStatusCode.RequestEntityTooLarge, ProblemCodes.PayloadTooLarge);
    }

    [Fact]
    public async Task HeadersAboveTheLimitAreRefused()
    {
        await using var service = await StartAsync("Production");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nowhere");
        request.Headers.Add("X-Large", new string('x', 40 * 1024));

        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, (await service.Client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task AProblemIsJsonAlsoForACallerThatDoesNotAskForIt()
    {
        await using var service = await StartAsync("Production");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/throws");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));

        await AssertProblemAsync(await service.Client.SendAsync(request), HttpStatusCode.InternalServerError, ProblemCodes.InternalError);
    }

    [Fact]
    public async Task TheServerDoesNotSayWhatItRunsOn()
    {
        await using var service = await StartAsync("Production");
        Assert.False((await service.Client.GetAsync("/nowhere")).Headers.Contains("Server"));
    }

    private static Task<TestService> StartAsync(string environment) => TestService.StartAsync(
        builder => builder.Services.AddSingleton<Broken>(_ => throw new InvalidOperationException(Secret)),
        app =>
        {
            app.MapGet("/page", (int limit, string? name) => $"{limit}{name}");
            app.MapPost("/wish", (Wish body) => body.Limit);
            app.MapPost("/echo", (object body) => body);
            app.MapPost("/raw", async (HttpRequest request) =>
            {
                await request.Body.CopyToAsync(Stream.Null);
                return "read";
            });
            app.MapGet("/runs/{id}", (RunId id) => id.ToString());
            app.MapGet("/conflict", () => Problem.Of(StatusCodes.Status409Conflict, "instance_is_full", "The instance takes no more commands."));
            app.MapGet("/invalid", () => TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["name"] = ["is missing"] }));
            app.MapGet("/throws", string () => throw new InvalidOperationException(Secret));
            app.MapGet("/throws-late", (Broken broken) => broken.ToString());
        },
        environment: environment);

    /// <summary>The body is sent when the server asks for it: one that is refused before would break the connection under the sender.</summary>
    private static async Task<HttpResponseMessage> PostLargeAsync(HttpClient client, string path, HttpContent body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body, Headers = { ExpectContinue = true } };
        return await client.SendAsync(request);
    }

    private static StringContent Body(string text, string type) => new(text, Encoding.UTF8, type);

    private static async Task<string?> DetailAsync(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.TryGetProperty("detail", out var detail) ? detail.GetString() : null;

    private static async Task AssertProblemAsync(HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var text = await answer.Content.ReadAsStringAsync();
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.Matches("^[0-9a-f]{32}$", problem.GetProperty("traceId").GetString());
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.False(problem.TryGetProperty("exception", out _));
    }

    private sealed record Wish(int Limit);

    private sealed class Broken;
}
