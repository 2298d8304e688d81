using Aspire.Hosting.Dashboard;
using Microsoft.Extensions.Configuration;

namespace AgentPlatform.Tests.StandIns.Dashboard;

public sealed class DashboardEndpointsTests : IDisposable
{
    private readonly DirectoryInfo _place = Directory.CreateTempSubdirectory("dashboard-tests-");

    public void Dispose() => _place.Delete(recursive: true);

    [Fact]
    public void ADisabledDashboardHasNoProgramAndTakesNoTelemetry()
    {
        InstallAt("managed");
        var endpoints = New(isDisabled: true);

        Assert.False(endpoints.IsEnabled);
        Assert.False(endpoints.IsMissing);
        Assert.Null(endpoints.Otlp);
    }

    [Fact]
    public void AMissingDashboardIsMissingAndTelemetryGoesNowhere()
    {
        var endpoints = New();

        Assert.True(endpoints.IsMissing);
        Assert.Null(endpoints.Otlp);
    }

    [Fact]
    public void ACollectorThatSomebodyNamedIsUsedWithoutADashboardAndWithoutItsKey()
    {
        var endpoints = New(isDisabled: true, (DashboardEndpoints.OtlpGrpcKey, "http://localhost:4317"));

        Assert.Equal(new OtlpTarget("http://localhost:4317", "grpc", ApiKey: null), endpoints.Otlp);
    }

    [Theory]
    [InlineData("")]
    [InlineData("managed")]
    [InlineData("bundle/managed")]
    [InlineData("versions/13.5.4_abc/managed")]
    public void TheProgramIsFoundWhereTheCommandLineUnpacksIt(string directory)
    {
        var program = InstallAt(directory);

        Assert.Equal(program, New().Program);
    }

    [Fact]
    public void TheProgramItselfMayBeNamed()
    {
        var program = InstallAt("");

        Assert.Equal(program, New(isDisabled: false, (DashboardProgram.PathKey, program)).Program);
    }

    [Fact]
    public void AddressesComeFromConfigurationAndTheFirstIsShown()
    {
        InstallAt("managed");
        var endpoints = New(
            isDisabled: false,
            (DashboardEndpoints.FrontendKey, "https://localhost:17000;http://localhost:15000"),
            (DashboardEndpoints.OtlpGrpcKey, "http://localhost:16000"),
            (DashboardEndpoints.ResourceServiceKey, "http://localhost:18000"),
            (DashboardEndpoints.BrowserTokenKey, "a token"));

        Assert.Equal("https://localhost:17000/login?t=a%20token", endpoints.LoginUrl);
        Assert.Equal(["https://localhost:17000", "http://localhost:15000"], endpoints.FrontendUrls);
        Assert.Equal(("http://localhost:16000", "grpc"), (endpoints.Otlp!.Url, endpoints.Otlp.Protocol));
        Assert.Equal(18000, endpoints.ResourceServicePort);
    }

    [Fact]
    public void WhatConfigurationDoesNotNameIsFreeAndSecretAndDifferentEachTime()
    {
        InstallAt("managed");
        var (one, other) = (New(), New());

        string[] values(DashboardEndpoints endpoints) =>
            [endpoints.Url, endpoints.Otlp!.Url, endpoints.Otlp.ApiKey!, endpoints.BrowserToken!, endpoints.ResourceServiceApiKey, endpoints.TelemetryApiKey];
        Assert.Equal(12, values(one).Concat(values(other)).Distinct().Count());
    }

    [Fact]
    public void OtlpOverHttpAloneIsGivenToResourcesAsHttp()
    {
        InstallAt("managed");
        var endpoints = New(isDisabled: false, (DashboardEndpoints.OtlpHttpKey, "http://localhost:16001"));

        Assert.Equal(("http://localhost:16001", "http/protobuf"), (endpoints.Otlp!.Url, endpoints.Otlp.Protocol));
        Assert.Null(endpoints.OtlpGrpcUrl);
    }

    [Fact]
    public void TheDashboardGetsItsKeysByEnvironmentAndNothingOfTheAppHostsOwn()
    {
        InstallAt("managed");
        Environment.SetEnvironmentVariable("Parameters__dashboard_test_password", "not-for-the-dashboard");
        try
        {
            var endpoints = New();
            var environment = DashboardEnvironment.Create(endpoints, new Uri("http://127.0.0.1:1234/"));

            Assert.Equal("http://127.0.0.1:1234", environment["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"]);
            Assert.Equal(endpoints.Url, environment["ASPNETCORE_URLS"]);
            Assert.Equal(("BrowserToken", endpoints.BrowserToken), (environment["DASHBOARD__FRONTEND__AUTHMODE"], environment["DASHBOARD__FRONTEND__BROWSERTOKEN"]));
            Assert.Equal(("ApiKey", endpoints.Otlp!.ApiKey), (environment["DASHBOARD__OTLP__AUTHMODE"], environment["DASHBOARD__OTLP__PRIMARYAPIKEY"]));
            Assert.Equal(endpoints.ResourceServiceApiKey, environment["DASHBOARD__RESOURCESERVICECLIENT__APIKEY"]);
            Assert.DoesNotContain("not-for-the-dashboard", environment.Values);
        }
        finally
        {
            Environment.SetEnvironmentVariable("Parameters__dashboard_test_password", null);
        }
    }

    private string InstallAt(string directory)
    {
        var program = Path.Combine(_place.FullName, directory, OperatingSystem.IsWindows() ? "aspire-managed.exe" : "aspire-managed");
        Directory.CreateDirectory(Path.GetDirectoryName(program)!);
        File.WriteAllText(program, "");
        return program;
    }

    private DashboardEndpoints New(bool isDisabled = false, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new(DashboardProgram.PathKey, _place.FullName)])
            .AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)))
            .Build();
        return new DashboardEndpoints(configuration, isDisabled);
    }
}
