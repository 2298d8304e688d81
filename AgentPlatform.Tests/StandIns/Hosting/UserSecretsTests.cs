using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Parameters;

namespace AgentPlatform.Tests.StandIns.Hosting;

public sealed class UserSecretsTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("secrets-");
    private readonly string _path;

    public UserSecretsTests() => _path = Path.Combine(_root.FullName, "some-id", "secrets.json");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void ASecretIsMadeOnceAndKept()
    {
        Assert.Equal("first", new UserSecrets(_path).GetOrAdd("Parameters:key", () => "first"));
        Assert.Equal("first", new UserSecrets(_path).GetOrAdd("Parameters:key", () => "second"));
    }

    [Fact]
    public void TheFileIsItsOwnersAlone()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        new UserSecrets(_path).GetOrAdd("Parameters:key", () => "value");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(_path)!));
    }

    [Fact]
    public void WhatPeopleKeepThereStays()
    {
        Write("""
            {
              // Kept by hand.
              "GitHub": { "AppId": 17 },
              "Parameters:nested": "flat",
              "Parameters": { "other": "nested" },
            }
            """);
        var secrets = new UserSecrets(_path);

        Assert.Equal("nested", secrets.GetOrAdd("Parameters:other", () => "new"));
        Assert.Equal("naïve<&>\"", secrets.GetOrAdd("Parameters:key", () => "naïve<&>\""));

        var file = JsonNode.Parse(File.ReadAllText(_path))!;
        Assert.Equal(17, (int)file["GitHub"]!["AppId"]!);
        Assert.Equal("flat", (string?)file["Parameters:nested"]);
        Assert.Equal("naïve<&>\"", (string?)file["Parameters:key"]);
    }

    [Fact]
    public async Task AppHostsSideBySideAgreeOnASecretAndLoseNone()
    {
        const int writers = 8;
        using var start = new Barrier(writers);
        var values = await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Factory.StartNew(
            () =>
            {
                Assert.True(start.SignalAndWait(TimeSpan.FromSeconds(30)));
                var secrets = new UserSecrets(_path);
                secrets.GetOrAdd($"Parameters:own-{writer}", () => $"{writer}");
                return secrets.GetOrAdd("Parameters:shared", () => $"{writer}");
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.Single(values.Distinct());
        var file = JsonNode.Parse(File.ReadAllText(_path))!.AsObject();
        Assert.Equal(writers + 1, file.Count);
        Assert.Equal([_path], Directory.GetFiles(Path.GetDirectoryName(_path)!));
    }

    [Theory]
    [InlineData("{ broken")]
    [InlineData("[1]")]
    public void AFileThatIsBrokenIsNamedAndLeftAlone(string content)
    {
        Write(content);
        var error = Assert.Throws<DistributedApplicationException>(() => new UserSecrets(_path).GetOrAdd("Parameters:key", () => "hidden-value"));
        Assert.Contains(_path, error.Message, StringComparison.Ordinal);
        Assert.Contains("'Parameters:key'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-value", error.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(_path));
    }

    [Fact]
    public async Task AGeneratedParameterIsKeptFromRunToRun()
    {
        var secrets = new UserSecrets(_path);
        var (one, two) = (Parameter(), Parameter());

        Assert.Equal(await one.GetValueAsync(), await two.GetValueAsync());

        ParameterResource Parameter() => new("key", @default => @default!.GetDefaultValue(), secret: true)
        {
            Default = new PersistedParameterDefault(new GenerateParameterDefault(), secrets, "Parameters:key"),
        };
    }

    private void Write(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        File.WriteAllText(_path, content);
    }
}
