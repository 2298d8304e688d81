using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Tests.StandIns.Clients.Resilience;

public sealed class ResilienceOptionsTests
{
    [Fact]
    public void TheDefaultsAreThePublishedOnes()
    {
        var options = new HttpStandardResilienceOptions();

        Assert.Equal((1000, 0), (options.RateLimiter.DefaultRateLimiterOptions.PermitLimit, options.RateLimiter.DefaultRateLimiterOptions.QueueLimit));
        Assert.Equal(TimeSpan.FromSeconds(30), options.TotalRequestTimeout.Timeout);
        Assert.Equal((3, TimeSpan.FromSeconds(2), true), (options.Retry.MaxRetryAttempts, options.Retry.Delay, options.Retry.UseJitter));
        Assert.Equal((0.1, 100), (options.CircuitBreaker.FailureRatio, options.CircuitBreaker.MinimumThroughput));
        Assert.Equal(
            (TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5)), (options.CircuitBreaker.SamplingDuration, options.CircuitBreaker.BreakDuration));
        Assert.Equal(TimeSpan.FromSeconds(10), options.AttemptTimeout.Timeout);
        Assert.Equal(
            "Standard-RateLimiter Standard-TotalRequestTimeout Standard-Retry Standard-CircuitBreaker Standard-AttemptTimeout",
            $"{options.RateLimiter.Name} {options.TotalRequestTimeout.Name} {options.Retry.Name} {options.CircuitBreaker.Name} {options.AttemptTimeout.Name}");
    }

    [Fact]
    public async Task OptionsOfAClientAreNamedAfterItAndItsHandler()
    {
        await using var services = Services(http => http.AddStandardResilienceHandler(Section(("Retry:MaxRetryAttempts", "7"), ("TotalRequestTimeout:Timeout", "00:01:00"))));
        var options = services.GetRequiredService<IOptionsMonitor<HttpStandardResilienceOptions>>();

        Assert.Equal((7, TimeSpan.FromMinutes(1)), (options.Get("test-standard").Retry.MaxRetryAttempts, options.Get("test-standard").TotalRequestTimeout.Timeout));
        Assert.Equal(3, options.Get("other-standard").Retry.MaxRetryAttempts);
    }

    public static TheoryData<Action<HttpStandardResilienceOptions>, string> Mistakes => new()
    {
        { options => options.TotalRequestTimeout.Timeout = TimeSpan.FromSeconds(10), "TotalRequestTimeout.Timeout" },
        { options => options.CircuitBreaker.SamplingDuration = TimeSpan.FromSeconds(19), "CircuitBreaker.SamplingDuration" },
        { options => options.Retry.MaxRetryAttempts = 0, "MaxRetryAttempts" },
        { options => options.CircuitBreaker.FailureRatio = 1.5, "FailureRatio" },
        { options => options.AttemptTimeout.Timeout = TimeSpan.Zero, "AttemptTimeout" },
        { options => options.Retry = null!, "Retry" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task AMistakeStopsTheStartAndIsNamed(Action<HttpStandardResilienceOptions> mistake, string named)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddHttpClient("test").AddStandardResilienceHandler(mistake);
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnUnknownKeyOrAnEmptySectionIsAnError()
    {
        await using var services = Services(http => http.AddStandardResilienceHandler(Section(("Retry:MaxAttempts", "7"))));

        Assert.Throws<InvalidOperationException>(() => services.GetRequiredService<IHttpClientFactory>().CreateClient("test"));
        Assert.Throws<ArgumentException>(() => Services(http => http.AddStandardResilienceHandler(Section())));
    }

    private static ServiceProvider Services(Action<IHttpClientBuilder> configure)
    {
        var services = new ServiceCollection();
        configure(services.AddHttpClient("test"));
        return services.BuildServiceProvider();
    }

    private static IConfigurationSection Section(params (string Key, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(value => KeyValuePair.Create($"Resilience:{value.Key}", (string?)value.Value)))
        .Build()
        .GetSection("Resilience");
}
