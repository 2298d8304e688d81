using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Running.Processes;

/// <summary>A child on Windows: in a process group of its own, so that Ctrl+Break can ask it to end.</summary>
[SupportedOSPlatform("windows")]
internal sealed class WindowsProcess : ChildProcess
{
    private readonly Process _process;

    private WindowsProcess(Process process, Action<string, bool> onLine)
    {
        _process = process;
        var output = OutputPump.Start(process.StandardOutput.BaseStream, $"stdout {process.Id}", line => onLine(line, false));
        var error = OutputPump.Start(process.StandardError.BaseStream, $"stderr {process.Id}", line => onLine(line, true));
        Exited = WaitForExitAsync(Task.WhenAll(output, error));
    }

    /// <inheritdoc/>
    public override int Id => _process.Id;

    /// <inheritdoc/>
    public override Task<int> Exited { get; }

    /// <inheritdoc/>
    public override Task Gone => Exited;

    /// <summary>Starts the program.</summary>
    /// <exception cref="ProcessStartException">The program could not be started.</exception>
    public static WindowsProcess Start(ProcessSpec spec, Action<string, bool> onLine)
    {
        var start = new ProcessStartInfo(spec.FileName, spec.Arguments)
        {
            WorkingDirectory = spec.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            CreateNewProcessGroup = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in spec.Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            var process = Process.Start(start) ?? throw new ProcessStartException($"'{spec.FileName}' could not be started.");
            using (process.StandardInput)
            {
                process.StandardInput.Write(spec.Input);
            }

            return new WindowsProcess(process, onLine);
        }
        catch (Win32Exception ex)
        {
            throw new ProcessStartException($"'{spec.FileName}' could not be started in '{spec.WorkingDirectory}': {ex.Message}");
        }
    }

    /// <inheritdoc/>
    public override void RequestStop() => _ = WindowsApi.SendConsoleBreak(_process.Id);

    /// <inheritdoc/>
    public override void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception ex) when (ex is InvalidOperationException or Win32Exception)
        {
            // It has already ended.
        }
    }

    private async Task<int> WaitForExitAsync(Task outputRead)
    {
        await _process.WaitForExitAsync();
        await Task.WhenAny(outputRead, Task.Delay(TimeSpan.FromSeconds(2)));
        return _process.ExitCode;
    }
}
