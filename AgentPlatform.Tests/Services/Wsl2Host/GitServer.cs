using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>Git's own server program behind HTTP on a free loopback port: real repositories, and a token where one is asked for.</summary>
internal sealed class GitServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"agentplatform-test-git-{Guid.NewGuid():N}");

    private GitServer(WebApplication app) => _app = app;

    /// <summary>The address that repositories lie under.</summary>
    public string Url => _app.Urls.First();

    /// <summary>What callers must bring; null for nothing.</summary>
    public string? Token { get; set; }

    /// <summary>Called for every request before it is answered.</summary>
    public Func<HttpContext, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>The paths that were asked for.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public static async Task<GitServer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new GitServer(app);
        Directory.CreateDirectory(server._root);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>A new repository <c>owner/name</c>.</summary>
    public TestRepository Create(string fullName) => new(Path.Combine(_root, $"{fullName}.git"));

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Requests.Enqueue(context.Request.Path + context.Request.QueryString);
        await Before(context);
        if (context.Response.HasStarted || context.Response.StatusCode != StatusCodes.Status200OK)
        {
            return;
        }

        var expected = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"x-access-token:{Token}"))}";
        if (Token is not null && context.Request.Headers.Authorization != expected)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"git\"";
            return;
        }

        await ServeAsync(context);
    }

    private async Task ServeAsync(HttpContext context)
    {
        var start = new ProcessStartInfo("git", ["http-backend"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["GIT_PROJECT_ROOT"] = _root;
        start.Environment["GIT_HTTP_EXPORT_ALL"] = "1";
        start.Environment["PATH_INFO"] = context.Request.Path;
        start.Environment["QUERY_STRING"] = context.Request.QueryString.Value?.TrimStart('?');
        start.Environment["REQUEST_METHOD"] = context.Request.Method;
        start.Environment["CONTENT_TYPE"] = context.Request.ContentType ?? "";
        start.Environment["HTTP_CONTENT_ENCODING"] = context.Request.Headers.ContentEncoding.ToString();
        start.Environment["GIT_PROTOCOL"] = context.Request.Headers["Git-Protocol"].ToString();
        using var backend = Process.Start(start)!;
        var sending = SendAsync(context.Request.Body, backend.StandardInput.BaseStream);
        await AnswerAsync(backend.StandardOutput.BaseStream, context.Response);
        await sending;
        await backend.WaitForExitAsync();
    }

    private static async Task SendAsync(Stream body, Stream input)
    {
        try
        {
            await body.CopyToAsync(input);
        }
        catch (IOException)
        {
            // The backend has read enough.
        }
        finally
        {
            input.Close();
        }
    }

    private static async Task AnswerAsync(Stream output, HttpResponse response)
    {
        using var all = new MemoryStream();
        await output.CopyToAsync(all);
        var bytes = all.ToArray();
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        foreach (var header in Encoding.ASCII.GetString(bytes, 0, end).Split("\r\n"))
        {
            var (name, value) = (header[..header.IndexOf(':', StringComparison.Ordinal)], header[(header.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
            if (name == "Status")
            {
                response.StatusCode = int.Parse(value.AsSpan(0, 3), CultureInfo.InvariantCulture);
            }
            else
            {
                response.Headers[name] = value;
            }
        }

        await response.Body.WriteAsync(bytes.AsMemory(end + 4));
    }
}

/// <summary>A bare repository that tests write to by git itself.</summary>
internal sealed class TestRepository
{
    private readonly string _path;

    public TestRepository(string path)
    {
        _path = path;
        Run(null, "init", "-q", "--bare", "--initial-branch=main", path);
    }

    /// <summary>Makes a commit by a script that changes the files of its parent, and points a ref at it.</summary>
    /// <returns>The commit.</returns>
    public string Commit(string reference, string? parent, string script)
    {
        var work = Path.Combine(Path.GetTempPath(), $"agentplatform-test-work-{Guid.NewGuid():N}");
        try
        {
            Run(null, "-c", "protocol.file.allow=always", "clone", "-q", "--no-checkout", _path, work);
            if (parent is not null)
            {
                Run(work, "checkout", "-q", "--detach", parent);
            }

            using (var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-euc", script]) { WorkingDirectory = work })!)
            {
                shell.WaitForExit();
                Assert.Equal(0, shell.ExitCode);
            }

            Run(work, "add", "--all", "--force");
            Run(work, "-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "-q", "--allow-empty", "-m", "change");
            Run(work, "push", "-q", "--force", "origin", $"HEAD:{reference}");
            return Run(work, "rev-parse", "HEAD").Trim();
        }
        finally
        {
            if (Directory.Exists(work))
            {
                Directory.Delete(work, recursive: true);
            }
        }
    }

    public void UpdateRef(string reference, string commit) => Run(_path, "update-ref", reference, commit);

    private static string Run(string? directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory ?? "/" };
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        using var git = Process.Start(start)!;
        var error = git.StandardError.ReadToEndAsync();
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.True(git.ExitCode == 0, $"git {string.Join(' ', arguments)}: {error.Result}");
        return output;
    }
}
