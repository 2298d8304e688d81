using System.IO.Pipes;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Aspire.Hosting.Running.Processes;

/// <summary>
/// posix_spawn with the settings every child gets: leader of a session and process group of its own (so that the terminal's
/// Ctrl-C reaches the AppHost alone, and the whole group can be signalled), default signal handling, and three pipes.
/// </summary>
internal static class UnixSpawn
{
    // The C library's structures are opaque here; these are several times their size on every supported system.
    private const int FileActionsBytes = 1024;
    private const int AttributesBytes = 2048;
    private const int SignalSetBytes = 256;

    /// <summary>A started process and the AppHost's ends of its pipes.</summary>
    internal sealed record Spawned(int Pid, Stream Input, Stream Output, Stream Error);

    /// <summary>Starts the program.</summary>
    /// <exception cref="ProcessStartException">The program could not be started.</exception>
    public static Spawned Start(ProcessSpec spec)
    {
        // These pipes are close-on-exec, so no other child ever holds an end of them open.
        var input = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
        var output = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        var error = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        try
        {
            var pid = Spawn(spec, input.ClientSafePipeHandle, output.ClientSafePipeHandle, error.ClientSafePipeHandle);
            return new Spawned(pid, input, output, error);
        }
        catch
        {
            input.Dispose();
            output.Dispose();
            error.Dispose();
            throw;
        }
        finally
        {
            input.DisposeLocalCopyOfClientHandle();
            output.DisposeLocalCopyOfClientHandle();
            error.DisposeLocalCopyOfClientHandle();
        }
    }

    private static int Spawn(ProcessSpec spec, SafePipeHandle input, SafePipeHandle output, SafePipeHandle error)
    {
        using var memory = new NativeMemory();
        var actions = memory.Zeroed(FileActionsBytes);
        var attributes = memory.Zeroed(AttributesBytes);
        Check(Posix.FileActionsInit(actions), spec);
        Check(Posix.AttributesInit(attributes), spec);
        try
        {
            Check(Posix.FileActionsAddDup2(actions, Descriptor(input), 0), spec);
            Check(Posix.FileActionsAddDup2(actions, Descriptor(output), 1), spec);
            Check(Posix.FileActionsAddDup2(actions, Descriptor(error), 2), spec);
            Check(Posix.FileActionsAddChangeDirectory(actions, memory.Text(spec.WorkingDirectory)), spec);
            SetAttributes(attributes, memory, spec);

            var argv = memory.Texts([spec.FileName, .. spec.Arguments]);
            var envp = memory.Texts(spec.Environment.Select(variable => $"{variable.Key}={variable.Value}"));
            Check(Posix.Spawn(out var pid, memory.Text(spec.FileName), actions, attributes, argv, envp), spec);
            return pid;
        }
        finally
        {
            _ = Posix.FileActionsDestroy(actions);
            _ = Posix.AttributesDestroy(attributes);
        }
    }

    private static void SetAttributes(nint attributes, NativeMemory memory, ProcessSpec spec)
    {
        var all = memory.Zeroed(SignalSetBytes);
        var none = memory.Zeroed(SignalSetBytes);
        _ = Posix.SignalSetFill(all);
        _ = Posix.SignalSetEmpty(none);

        // The runtime ignores SIGPIPE and blocks others in some threads; a child must not inherit that.
        Check(Posix.AttributesSetSignalDefault(attributes, all), spec);
        Check(Posix.AttributesSetSignalMask(attributes, none), spec);
        var flags = (short)(Posix.SpawnSetSignalDefault | Posix.SpawnSetSignalMask | Posix.SpawnSetSession);
        Check(Posix.AttributesSetFlags(attributes, flags), spec);
    }

    private static int Descriptor(SafePipeHandle handle) => handle.DangerousGetHandle().ToInt32();

    private static void Check(int error, ProcessSpec spec)
    {
        if (error != 0)
        {
            var reason = Marshal.GetPInvokeErrorMessage(error);
            throw new ProcessStartException($"'{spec.FileName}' could not be started in '{spec.WorkingDirectory}': {reason}.");
        }
    }

    /// <summary>Native memory that lives as long as one call.</summary>
    private sealed class NativeMemory : IDisposable
    {
        private readonly List<nint> _blocks = [];

        public nint Zeroed(int bytes)
        {
            var block = Marshal.AllocCoTaskMem(bytes);
            _blocks.Add(block);
            Marshal.Copy(new byte[bytes], 0, block, bytes);
            return block;
        }

        public nint Text(string text)
        {
            var block = Marshal.StringToCoTaskMemUTF8(text);
            _blocks.Add(block);
            return block;
        }

        /// <summary>A null-terminated array of strings, as argv and envp are.</summary>
        public nint Texts(IEnumerable<string> texts)
        {
            nint[] pointers = [.. texts.Select(Text), 0];
            var block = Zeroed(pointers.Length * nint.Size);
            Marshal.Copy(pointers, 0, block, pointers.Length);
            return block;
        }

        public void Dispose() => _blocks.ForEach(Marshal.FreeCoTaskMem);
    }
}
