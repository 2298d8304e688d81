using System.Diagnostics;
using System.Globalization;
using System.Text;
using AgentPlatform.Emulators.GitHub.Git;
using AgentPlatform.Emulators.GitHub.State;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.GitHub.GitHttp;

/// <summary>
/// Runs <c>git http-backend</c>, git's own server of the smart protocol, by the rules of CGI: the request in environment variables and
/// standard input, headers and body on standard output.
/// </summary>
internal sealed partial class GitHttpBackend(IOptions<GitHubOptions> options, TimeProvider time, ILogger<GitHttpBackend> logger)
{
    private const int HeaderBytesMax = 16 * 1024;

    /// <summary>True when git answered and ended well.</summary>
    public async Task<bool> ServeAsync(HttpContext context, Repository repository, Stream answer)
    {
        using var limit = new CancellationTokenSource(options.Value.GitTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.RequestAborted);
        using var process = GitProgram.Start(repository.Directory, ["-c", "http.receivepack=true", "http-backend"],
            Variables(context.Request, repository));
        try
        {
            var errors = process.StandardError.ReadToEndAsync(both.Token);
            var sending = SendAsync(context.Request.Body, process, both.Token);
            await ReceiveAsync(process.StandardOutput.BaseStream, context.Response, answer, both.Token);
            await sending;
            await process.WaitForExitAsync(both.Token);
            if (process.ExitCode != 0)
            {
                Log.Failed(logger, process.ExitCode, await errors);
            }

            return process.ExitCode == 0;
        }
        finally
        {
            GitProgram.End(process);
        }
    }

    private static Dictionary<string, string> Variables(HttpRequest request, Repository repository)
    {
        var service = request.Path.Value!.Split(".git/", 2)[1];
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["GIT_PROJECT_ROOT"] = repository.Directory,
            ["GIT_HTTP_EXPORT_ALL"] = "1",
            ["PATH_INFO"] = $"/{service}",
            ["REQUEST_METHOD"] = request.Method,
            ["QUERY_STRING"] = request.QueryString.Value?.TrimStart('?') ?? string.Empty,
            ["CONTENT_TYPE"] = request.ContentType ?? string.Empty,
            ["REMOTE_ADDR"] = "127.0.0.1",
            ["REMOTE_USER"] = "git",
        };
        if (request.ContentLength is { } length)
        {
            variables["CONTENT_LENGTH"] = length.ToString(CultureInfo.InvariantCulture);
        }

        foreach (var (variable, header) in new[] { ("HTTP_CONTENT_ENCODING", "Content-Encoding"), ("GIT_PROTOCOL", "Git-Protocol") })
        {
            if (request.Headers[header].ToString() is { Length: > 0 } value)
            {
                variables[variable] = value;
            }
        }

        return variables;
    }

    private static async Task SendAsync(Stream body, Process process, CancellationToken cancellationToken)
    {
        try
        {
            await body.CopyToAsync(process.StandardInput.BaseStream, cancellationToken);
            process.StandardInput.BaseStream.Close();
        }
        catch (IOException)
        {
            // Git refused before it had read everything; its answer says why.
        }
    }

    private static async Task ReceiveAsync(Stream output, HttpResponse response, Stream answer, CancellationToken cancellationToken)
    {
        var buffer = new byte[HeaderBytesMax];
        var (length, end) = (0, -1);
        while (end < 0 && length < buffer.Length)
        {
            var read = await output.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                break;
            }

            length += read;
            end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
        }

        if (end < 0)
        {
            response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        foreach (var line in Encoding.ASCII.GetString(buffer, 0, end).Split("\r\n"))
        {
            var (name, value) = (line[..line.IndexOf(':', StringComparison.Ordinal)],
                line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
            if (name.Equals("Status", StringComparison.OrdinalIgnoreCase))
            {
                response.StatusCode = int.Parse(value.AsSpan(0, 3), CultureInfo.InvariantCulture);
            }
            else
            {
                response.Headers[name] = value;
            }
        }

        var body = end + 4;
        await answer.WriteAsync(buffer.AsMemory(body, length - body), cancellationToken);
        await output.CopyToAsync(answer, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(7102, LogLevel.Warning, "git http-backend ended with {ExitCode}: {Errors}")]
        public static partial void Failed(ILogger logger, int exitCode, string errors);
    }
}
