using System.Collections.Concurrent;
using System.Diagnostics;
using AgentPlatform.ServiceDefaults.Telemetry;
using AgentPlatform.Tests.Hosts;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Trace;

namespace AgentPlatform.Tests.ServiceDefaults.Telemetry;

[Collection(TelemetryAlone.Name)]
public sealed class TelemetryPrivacyTests
{
    private const string Secret = "s3cr3t-t0ken";

    // What Aspire sets for a service in Development.
    private static readonly (string, string)[] AspiresDevelopmentSettings =
    [
        ("OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "true"),
        ("OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION", "true"),
        ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true"),
        ("Logging:LogLevel:Default", "Trace"),
        ("Logging:LogLevel:Microsoft.AspNetCore", "Trace"),
        ("Logging:LogLevel:System.Net.Http.HttpClient", "Trace"),
    ];

    /// <summary>A trace that is under way: calls that begin one of their own, as polling loops make them, are not recorded.</summary>
    private static Activity Caller()
    {
        var caller = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C);
        caller.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
        return caller.Start();
    }

    [Fact]
    public async Task NoSpanAndNoLogHoldsAQueryStringOrAToken()
    {
        var recorded = new Recorded();
        using var caller = Caller();
        await using var service = await TestService.StartAsync(recorded.Listen, app => app.MapGet("/asked", () => "answered"), settings: AspiresDevelopmentSettings);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{service.Addresses[0]}/asked?token={Secret}");
        request.Headers.Authorization = new("Bearer", Secret);

        using var client = service.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        await client.SendAsync(request);
        await recorded.WaitForAsync(span => span.Kind == ActivityKind.Server);
        await recorded.WaitForAsync(span => span.Kind == ActivityKind.Client);

        Assert.DoesNotContain(recorded.Spans, span => Text(span).Contains(Secret, StringComparison.Ordinal));
        Assert.DoesNotContain(recorded.Logs, log => log.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ASpanOfAnybodysIsCleanedBeforeItIsExported()
    {
        var recorded = new Recorded();
        using var caller = Caller();
        using var source = new ActivitySource("AgentPlatform.Tests");
        await using var service = await TestService.StartAsync(recorded.Listen);

        using (var span = source.StartActivity("careless", ActivityKind.Client))
        {
            span!.SetTag("url.full", $"https://user:{Secret}@api.example.com/v1/x?key={Secret}#{Secret}");
            span.SetTag("http.url", $"https://{Secret}@api.example.com?key={Secret}");
            span.SetTag("url.query", $"key={Secret}");
            span.SetTag("gen_ai.prompt", Secret);
            span.SetTag("gen_ai.input.messages", Secret);
            span.SetTag("gen_ai.request.model", "model-1");
        }

        var careless = await recorded.WaitForAsync(span => span.DisplayName == "careless");
        Assert.DoesNotContain(Secret, Text(careless), StringComparison.Ordinal);
        Assert.Equal("https://api.example.com/v1/x", careless.GetTagItem("url.full"));
        Assert.Equal("model-1", careless.GetTagItem("gen_ai.request.model"));
    }

    [Fact]
    public async Task ProbesLeaveNoSpans()
    {
        var recorded = new Recorded();
        using var caller = Caller();
        await using var service = await TestService.StartAsync(recorded.Listen, app => app.MapGet("/asked", () => "answered"));

        await service.Client.GetAsync("/health");
        await service.Client.GetAsync("/alive");
        await service.Client.GetAsync("/asked");

        await recorded.WaitForAsync(span => span.Kind == ActivityKind.Server && IsOf(service, span));
        Assert.Equal(["/asked"], recorded.Spans.Where(span => span.Kind == ActivityKind.Server && IsOf(service, span)).Select(span => span.GetTagItem("url.path")));
    }

    [Fact]
    public async Task WhatWouldRecordQueriesAndPromptsIsOverruled()
    {
        await using var service = await TestService.StartAsync(settings: AspiresDevelopmentSettings);
        var configuration = service.Services.GetRequiredService<IConfiguration>();

        Assert.All(TelemetryPrivacy.Forced, name =>
        {
            Assert.Equal("false", configuration[name]);
            Assert.Equal("false", Environment.GetEnvironmentVariable(name));
        });
    }

    [Theory]
    [InlineData("http://host/path", "http://host/path")]
    [InlineData("http://host", "http://host")]
    [InlineData("http://host?a=b", "http://host")]
    [InlineData("http://u:p@host/path", "http://host/path")]
    [InlineData("http://u:p@host", "http://host")]
    [InlineData("http://host/pa@th", "http://host/pa@th")]
    [InlineData("/path?a=b", "/path")]
    [InlineData("", "")]
    public void AnAddressKeepsOnlyWhatIsHarmless(string address, string kept) => Assert.Equal(kept, RedactionProcessor.WithoutSecrets(address));

    /// <summary>Activity sources belong to the process: tests beside this one are heard too.</summary>
    private static bool IsOf(TestService service, Activity span) => Equals(span.GetTagItem("server.port"), service.Client.BaseAddress!.Port);

    private static string Text(Activity span) => string.Join('\n',
        [span.DisplayName, .. span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"), .. span.Events.SelectMany(happened => happened.Tags).Select(tag => $"{tag.Key}={tag.Value}")]);

    /// <summary>What an exporter would get.</summary>
    private sealed class Recorded : BaseProcessor<Activity>
    {
        private readonly ConcurrentQueue<Activity> _spans = [];
        private readonly ConcurrentQueue<string> _logs = [];
        private readonly SemaphoreSlim _ended = new(0);
        private readonly ActivityTraceFlags _recorded = ActivityTraceFlags.Recorded;

        public IReadOnlyCollection<Activity> Spans => _spans;

        public IReadOnlyCollection<string> Logs => _logs;

        public void Listen(WebApplicationBuilder builder)
        {
            builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(this));
            builder.Services.ConfigureOpenTelemetryLoggerProvider(logging => logging.AddProcessor(new LogLines(_logs)));
            builder.Logging.SetMinimumLevel(LogLevel.Trace);
        }

        public override void OnEnd(Activity data)
        {
            if (data.ActivityTraceFlags.HasFlag(_recorded))
            {
                _spans.Enqueue(data);
                _ended.Release();
            }
        }

        /// <summary>A server's span ends after its client has the answer.</summary>
        public async Task<Activity> WaitForAsync(Func<Activity, bool> isWanted)
        {
            while (true)
            {
                if (_spans.FirstOrDefault(isWanted) is { } found)
                {
                    return found;
                }

                Assert.True(await _ended.WaitAsync(TimeSpan.FromSeconds(30)), "The span did not come.");
            }
        }
    }

    private sealed class LogLines(ConcurrentQueue<string> lines) : BaseProcessor<LogRecord>
    {
        public override void OnEnd(LogRecord data) =>
            lines.Enqueue($"{data.CategoryName} {data.FormattedMessage} {string.Join(' ', data.Attributes ?? [])} {data.Exception}");
    }
}
