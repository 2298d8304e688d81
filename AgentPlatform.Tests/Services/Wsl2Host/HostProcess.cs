using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.HostCalls;
using AgentPlatform.ServiceDefaults.Identity;
using AgentPlatform.ServiceDefaults.Identity.Tokens;
using Microsoft.Extensions.Options;
using Services.Wsl2Host.Hosting;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>The host service as a process of its own, which can be killed like one.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private const string IdentitySecret = "tests-only-identity-of-a-host-process";
    private const string Listening = "Now listening on: ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(Process process) => _process = process;

    /// <summary>The client that Scheduler and Sessions use.</summary>
    public HostClient Client { get; private set; } = null!;

    private HttpClient Http { get; set; } = null!;

    /// <summary>What it has logged so far.</summary>
    public string Log => string.Join('\n', _output);

    /// <summary>The settings of a host of its own.</summary>
    /// <param name="directories">Where it keeps its things.</param>
    /// <param name="settings">Settings beside the usual ones, as configuration keys.</param>
    public static Dictionary<string, string> Environment(Wsl2HostOptions directories, params ReadOnlySpan<(string Key, string Value)> settings)
    {
        using var key = SigningKey.Derive(IdentitySecret, ServiceNames.Wsl2Host);
        Dictionary<string, string> environment = new()
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["ServiceIdentity__Secret"] = IdentitySecret,
            [$"ServiceIdentity__TrustedKeys__{ServiceNames.Wsl2Host}"] =
                JsonSerializer.Serialize(new JsonWebKeySet([key.Public.ToJsonWebKey()]), KeysJsonContext.Default.JsonWebKeySet),
            ["Wsl2Host__StateDirectory"] = directories.StateDirectory,
            ["Wsl2Host__RuntimeDirectory"] = directories.RuntimeDirectory,
            ["Wsl2Host__MaxInstances"] = "16",
            ["Shutdown__NoticeDelay"] = "00:00:00",
        };
        foreach (var (name, value) in settings)
        {
            environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        return environment;
    }

    /// <summary>Starts it, and waits until it answers.</summary>
    public static async Task<HostProcess> StartAsync(Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Wsl2HostOptions).Assembly.Location]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var host = new HostProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        host._process.OutputDataReceived += (_, line) => host.OnLine(line.Data);
        host._process.ErrorDataReceived += (_, line) => host.OnLine(line.Data);
        host._process.Exited += async (_, _) =>
        {
            // To the end of what it said, too.
            await host._process.WaitForExitAsync();
            host._address.TrySetException(new InvalidOperationException($"The host ended:\n{host.Log}"));
        };
        host._process.Start();
        host._process.BeginOutputReadLine();
        host._process.BeginErrorReadLine();
        try
        {
            var address = await host._address.Task.WaitAsync(Patience);
            host.Http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
            host.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token(Scopes.InstancesWrite, Scopes.HostsRead));
            host.Client = new HostClient(host.Http, address, TimeProvider.System);
            return host;
        }
        catch
        {
            await host.KillAsync();
            throw;
        }
    }

    /// <summary>Ends it as a crash would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>Asks it to end, and waits.</summary>
    public async Task StopAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("/bin/kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await _process.WaitForExitAsync().WaitAsync(Patience);
        }
    }

    public async Task<string> OutputAsync(InstanceId instance, CommandId command, long offset = 0) =>
        System.Text.Encoding.UTF8.GetString((await Client.ReadOutputAsync(instance, command, offset, 0, CancellationToken.None)).Bytes);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
        Http.Dispose();
    }

    private static string Token(params string[] scopes)
    {
        var service = new ServiceInfo(ServiceNames.Wsl2Host, "0.0.0");
        using var keys = new ServiceKeys(service, Options.Create(new ServiceIdentityOptions { Secret = IdentitySecret }));
        return new ServiceTokens(service, () => keys, TimeProvider.System).ForItself(ServiceNames.Wsl2Host, scopes);
    }

    private void OnLine(string? line)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        if (line.IndexOf(Listening, StringComparison.Ordinal) is var at and >= 0)
        {
            _address.TrySetResult(new Uri(line[(at + Listening.Length)..].Trim()));
        }
    }
}
