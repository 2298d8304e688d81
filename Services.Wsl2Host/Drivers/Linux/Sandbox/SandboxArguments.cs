using System.Globalization;
using System.Text;

namespace Services.Wsl2Host.Drivers.Linux.Sandbox;

/// <summary>Puts together what bubblewrap is told. It reads it from a descriptor, so that neither paths of the machine nor values of variables are arguments that others can see.</summary>
internal sealed class SandboxArguments
{
    /// <summary>The user inside.</summary>
    public const int User = 1000;

    /// <summary>The machine's name inside.</summary>
    public const string HostName = "sandbox";

    /// <summary>The descriptors that bubblewrap is given: this text, the filter, and where to report to.</summary>
    public const int ArgumentsDescriptor = 8;

    public const int FilterDescriptor = 9;

    public const int StatusDescriptor = 7;

    private readonly StringBuilder _text = new();

    /// <summary>
    /// Begins with what holds for every sandbox. The network namespace is not among it: the process is started inside the instance's.
    /// It must not end with its parent either: a command outlives the host.
    /// </summary>
    public SandboxArguments(SandboxFiles files)
    {
        Add("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--new-session");
        Add("--hostname", HostName);
        Add("--uid", User.ToString(CultureInfo.InvariantCulture), "--gid", User.ToString(CultureInfo.InvariantCulture));
        Add("--cap-drop", "ALL");
        Add("--seccomp", FilterDescriptor.ToString(CultureInfo.InvariantCulture));
        Add([.. files.Arguments]);
        Add("--proc", "/proc", "--dev", "/dev", "--clearenv");
    }

    /// <summary>Reports the process and its exit code to <see cref="StatusDescriptor"/>.</summary>
    public SandboxArguments Report() => Add("--json-status-fd", StatusDescriptor.ToString(CultureInfo.InvariantCulture));

    /// <summary>Ends with whoever started it.</summary>
    public SandboxArguments EndWithParent() => Add("--die-with-parent");

    /// <summary>Shows a directory.</summary>
    public SandboxArguments Bind(string source, string target) => Add("--bind", source, target);

    /// <summary>Shows a directory or file that cannot be written to.</summary>
    public SandboxArguments BindReadOnly(string source, string target) => Add("--ro-bind", source, target);

    /// <summary>Makes a link.</summary>
    public SandboxArguments Link(string target, string path) => Add("--symlink", target, path);

    /// <summary>An empty directory in memory.</summary>
    public SandboxArguments Tmpfs(string path, long bytes) => Add("--size", bytes.ToString(CultureInfo.InvariantCulture), "--tmpfs", path);

    /// <summary>Sets a variable.</summary>
    public SandboxArguments Variable(string name, string value) => Add("--setenv", name, value);

    /// <summary>Sets the working directory.</summary>
    public SandboxArguments WorkingDirectory(string path) => Add("--chdir", path);

    /// <summary>The text for <see cref="ArgumentsDescriptor"/>.</summary>
    public byte[] ToArray() => Encoding.UTF8.GetBytes(_text.ToString());

    private SandboxArguments Add(params ReadOnlySpan<string> arguments)
    {
        foreach (var argument in arguments)
        {
            if (argument.Contains('\0', StringComparison.Ordinal))
            {
                throw HostRefusal.Invalid("A text for a command holds a NUL.");
            }

            _text.Append(argument).Append('\0');
        }

        return this;
    }
}
